import { BrokenLinkError } from '../../src/errors.js';
import { z } from 'zod';
import type { WhatIfFiles } from './what-if.js';

/** Links of another version than this are not read. */
const VERSION = '1';

const filesSchema = z.strictObject({
  name: z.string(),
  yaml: z.string(),
  csv: z.strictObject({ name: z.string(), text: z.string() }).optional(),
});

const linkSchema = z.strictObject({
  ...filesSchema.shape,
  /** Number of the step, from 1; the last one if left out. */
  step: z.int().min(1).optional(),
  /** The policy that is drawn. */
  drawn: z.string().max(200).optional(),
  /** Fields that were assumed and not confirmed yet. */
  assumed: z.array(z.string().max(200)).max(20).optional(),
  /** The what-if to compare with. */
  pinned: filesSchema.optional(),
});

/** Everything that a link restores. */
export interface LinkContent {
  readonly files: WhatIfFiles;
  readonly step?: number;
  readonly drawn?: string;
  readonly assumed?: readonly string[];
  readonly pinned?: WhatIfFiles;
}

/** An address of a step as it is before anything is changed. */
const STEP_LINK = /^step-([1-9])$/;

/** The link of an unchanged step. @param step its number, from 1. */
export function linkOfStep(step: number): string {
  return `step-${step}`;
}

/** The number of the step of such a link; undefined for any other link. */
export function stepOfLink(link: string): number | undefined {
  const found = STEP_LINK.exec(link);
  return found === null ? undefined : Number(found[1]);
}

/** No scenario with its profile is longer; more would freeze the page. */
export const MOST_BYTES = 8e6;
/** Longest scenario alone, which is read on the page's own thread. */
const MOST_YAML = 5e5;

function tooMuch(found: number, most: number): BrokenLinkError {
  return new BrokenLinkError(
    `This link holds ${found} characters or more, expected at most ${most}; share files of that size as files.`,
  );
}

/**
 * The files of a what-if as the part of an address after the `#`: `1.` and compressed JSON.
 * @param more the state of the page besides; the last step and nothing pinned if left out.
 */
export async function linkOf(
  files: WhatIfFiles,
  more: Omit<LinkContent, 'files'> = {},
): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify({ ...files, ...more }));
  return `${VERSION}.${toBase64Url(await through(new CompressionStream('deflate-raw'), bytes))}`;
}

/**
 * The inverse of `linkOf`.
 * @throws BrokenLinkError if the text is not such a link.
 */
export async function contentOfLink(link: string): Promise<LinkContent> {
  const [version, data] = link.split('.', 2);
  if (data === undefined || version !== VERSION) {
    throw new BrokenLinkError(
      `This link begins with "${link.slice(0, 12)}", expected "${VERSION}."; it was cut off, or comes from another version of pipewatt.`,
    );
  }
  try {
    const bytes = await through(new DecompressionStream('deflate-raw'), fromBase64Url(data));
    const { name, yaml, csv, pinned, ...others } = linkSchema.parse(
      JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)),
    );
    for (const text of [yaml, pinned?.yaml ?? '']) {
      if (text.length > MOST_YAML) throw tooMuch(text.length, MOST_YAML);
    }
    return present({
      ...others,
      files: present({ name, yaml, csv }),
      pinned: pinned && present(pinned),
    });
  } catch (error) {
    if (error instanceof BrokenLinkError) throw error;
    throw new BrokenLinkError(
      'This link is broken: part of it is missing or was changed. Copy the whole link again.',
    );
  }
}

async function through(
  stream: CompressionStream | DecompressionStream,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = new Blob([bytes]).stream().pipeThrough(stream).getReader();
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let total = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    pieces.push(value);
    total += value.length;
    // A short link may unpack to a thousand times its length.
    if (total > MOST_BYTES) {
      await reader.cancel();
      throw tooMuch(total, MOST_BYTES);
    }
  }
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
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

type Present<Fields> = {
  readonly [Key in keyof Fields as undefined extends Fields[Key] ? never : Key]: Fields[Key];
} & {
  readonly [Key in keyof Fields as undefined extends Fields[Key] ? Key : never]?: Exclude<
    Fields[Key],
    undefined
  >;
};

/** The fields that have a value. */
function present<Fields extends object>(fields: Fields): Present<Fields> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Present<Fields>;
}
