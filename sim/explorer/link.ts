import { z } from 'zod';
import type { WhatIfFiles } from './what-if.js';

/** Links of another version than this are not read. */
const VERSION = '1';

const filesSchema = z.strictObject({
  name: z.string(),
  yaml: z.string(),
  csv: z.strictObject({ name: z.string(), text: z.string() }).optional(),
});

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
    const bytes = await through(new DecompressionStream('deflate-raw'), fromBase64Url(data));
    const { csv, ...files } = filesSchema.parse(
      JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)),
    );
    return { ...files, ...(csv === undefined ? {} : { csv }) };
  } catch {
    throw new BrokenLinkError(
      'This link is broken: part of it is missing or was changed. Copy it again, whole.',
    );
  }
}

async function through(
  stream: CompressionStream | DecompressionStream,
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
