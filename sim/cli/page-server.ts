import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { extname, join, sep } from 'node:path';

/** A file of the page as it is sent. */
interface ServedFile {
  readonly body: Buffer;
  readonly type: string;
  readonly etag: string;
}

/** Types of the files that a built page has. */
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html;charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/**
 * Serves the files of a folder from memory, so that rebuilding the page disturbs no reader.
 * @throws Error if the folder cannot be read.
 */
export function pageHandler(folder: string): RequestListener {
  const files = readFiles(folder);
  return (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { Allow: 'GET, HEAD' }).end();
      return;
    }
    const file = files.get(pathOf(request));
    if (file === undefined) response.writeHead(404).end();
    else send(file, request, response);
  };
}

/**
 * A handler whose errors leave the server running: the request is answered with 500, if nothing was
 * sent yet, and the error is reported.
 */
export function guarded(
  handler: RequestListener,
  onError: (sentence: string) => void,
): RequestListener {
  return (request, response) => {
    try {
      handler(request, response);
    } catch (error) {
      const { message } = error instanceof Error ? error : new Error(String(error));
      onError(`${request.method ?? ''} ${request.url ?? ''} failed: ${message}`);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    }
  };
}

function readFiles(folder: string): Map<string, ServedFile> {
  const files = new Map<string, ServedFile>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const body = readFileSync(path);
    const type = TYPES[extname(entry.name)] ?? 'application/octet-stream';
    const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"`;
    const url = path.slice(join(folder, sep).length).split(sep).join('/');
    files.set(`/${url}`, { body, type, etag });
  }
  const index = files.get('/index.html');
  if (index !== undefined) files.set('/', index);
  return files;
}

/** The requested path; one with an invalid encoding names no file. */
function pathOf({ url = '' }: IncomingMessage): string {
  const [path = ''] = url.split(/[?#]/, 1);
  try {
    return decodeURIComponent(path);
  } catch {
    return '';
  }
}

function send(
  { body, type, etag }: ServedFile,
  request: IncomingMessage,
  response: ServerResponse,
) {
  response.setHeader('ETag', etag);
  response.setHeader('Cache-Control', 'no-cache');
  response.setHeader('Accept-Ranges', 'bytes');
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304).end();
    return;
  }
  const range = rangeOf(request.headers.range, body.length);
  if (range === undefined) {
    response.writeHead(416, { 'Content-Range': `bytes */${body.length}` }).end();
    return;
  }
  const [start, end] = range;
  const isWhole = end - start === body.length;
  response.writeHead(isWhole ? 200 : 206, {
    'Content-Type': type,
    'Content-Length': end - start,
    ...(isWhole ? {} : { 'Content-Range': `bytes ${start}-${end - 1}/${body.length}` }),
  });
  response.end(request.method === 'HEAD' ? undefined : body.subarray(start, end));
}

/**
 * The part of a file that a Range header asks for, its end not included: the whole file without one
 * or for several ranges, which a server may ignore; undefined if it is malformed or outside.
 */
function rangeOf(header: string | undefined, size: number): [number, number] | undefined {
  const whole: [number, number] = [0, size];
  if (header === undefined) return whole;
  const ranges = header.replace(/^bytes=/, '').split(',');
  const parts = ranges.map((range) => /^\s*(\d*)-(\d*)\s*$/.exec(range));
  if (!header.startsWith('bytes=') || parts.includes(null)) return undefined;
  if (parts.length > 1) return whole;
  const [, from = '', to = ''] = parts[0]!;
  if (from === '') return Number(to) > 0 ? [Math.max(0, size - Number(to)), size] : undefined;
  const [start, last] = [Number(from), to === '' ? size - 1 : Number(to)];
  return start < size && start <= last ? [start, Math.min(last + 1, size)] : undefined;
}
