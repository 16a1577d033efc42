import { z } from 'zod';
import type { WhatIfFiles } from './what-if.js';

/** Links of another version than this are not read. */
const VERSION = '1';

const filesSchema = z.strictObject({
  name: z.string(),
  yaml: z.string(),
  csv: z.strictObject({ name: z.string(), text: z.string() }).optional(),
});

/** A link holds no more than this, unpacked: a scenario, and a profile of one's own. */
export const MOST_BYTES = 4_000_000;

/** A link that cannot be read; the message is a sentence for people. */
export class BrokenLinkError extends Error {
  override readonly name = 'BrokenLinkError';
}

/** The files of a what-if as the part of an address behind the `#`: `1.` and compressed JSON. */
export async function linkOf(files: WhatIfFiles): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(files));
  return `${VERSION}.${toBase64Url(await through(new CompressionStream('deflate-raw'), bytes))}`;
}

/**
 * The inverse of `linkOf`.
 * @throws BrokenLinkError when the text is no such link.
 */
export async function filesOfLink(link: string): Promise<WhatIfFiles> {
  const [version, data] = link.split('.', 2);
  if (data === undefined || version !== VERSION) {
    throw new BrokenLinkError(
      `This link begins with "${link.slice(0, 12)}", expected "${VERSION}."; it was cut, or is of another version of pipewatt.`,
    );
  }
  try {
    const bytes = await unpacked(fromBase64Url(data));
    if (bytes === undefined) throw new BrokenLinkError(TOO_LARGE);
    const { csv, ...files } = filesSchema.parse(
      JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)),
    );
    return { ...files, ...(csv === undefined ? {} : { csv }) };
  } catch (error) {
    if (error instanceof BrokenLinkError) throw error;
    throw new BrokenLinkError(
      'This link is broken: part of it is missing or was changed. Copy it again, whole.',
    );
  }
}

const TOO_LARGE = `This link holds more than ${MOST_BYTES / 1e6} million bytes, which is more than any scenario with its profile; it is not opened.`;

/** Unpacks no more than a link may hold; undefined where there is more. */
async function unpacked(packed: Uint8Array<ArrayBuffer>) {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for (const reader = stream.getReader(); ;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > MOST_BYTES) {
      await reader.cancel();
      return undefined;
    }
    chunks.push(value);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

async function through(
  stream: CompressionStream,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const piped = new Blob([bytes]).stream().pipeThrough(stream);
  return new Uint8Array(await new Response(piped).arrayBuffer());
}

function toBase64Url(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
