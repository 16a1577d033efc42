import { createHash, timingSafeEqual } from 'node:crypto';
import { hostname } from 'node:os';
import type { FastifyRequest } from 'fastify';
import { RefusedRequestError } from '../../../src/errors.js';

/** Rules on who may send requests. */
export interface GuardRules {
  /** The secret that requests must bear; undefined on a loopback address. */
  readonly token?: string | undefined;
  /** The name under which the server was started. */
  readonly host: string;
}

/** Paths that need no token: health checks cannot send one, and the pages of the API hold no secret. */
const OPEN = /^\/(?:healthz|docs)(?:[/?]|$)/;

/** Whether an address or name means this machine alone. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return name === 'localhost' || name === '::1' || /^127(?:\.\d{1,3}){3}$/.test(name);
}

/**
 * A check that every request passes before anything of its body is read.
 *
 * Without a token, pages in a browser of this machine must be kept out: a page whose name was made to
 * point here (DNS rebinding) sends its own name as host, and any other page its origin.
 */
export function guard({ token, host }: GuardRules): (request: FastifyRequest) => void {
  const secret = token === undefined ? undefined : hash(token);
  const names = new Set([host.toLowerCase(), hostname().toLowerCase()]);
  return ({ headers, url }) => {
    if (secret !== undefined) {
      if (OPEN.test(url) || isRight(secret, headers.authorization)) return;
      throw new RefusedRequestError(
        401,
        'the request bears no valid token; send the header "authorization: Bearer TOKEN"',
      );
    }
    const asked = nameOf(headers.host);
    if (!isLoopback(asked) && !names.has(asked)) {
      throw new RefusedRequestError(
        403,
        `the request is for "${asked.slice(0, 100)}", but this server serves ${host} only`,
      );
    }
    const { origin } = headers;
    if (origin !== undefined && origin !== `http://${headers.host ?? ''}`) {
      throw new RefusedRequestError(403, 'requests of pages from elsewhere are not taken');
    }
  };
}

/** The host in a header `Host`, without its port. */
function nameOf(header: string | undefined): string {
  return (header ?? '').toLowerCase().replace(/:\d*$/, '');
}

/** Whether a header bears the token: as such, or as the password of an address. */
function isRight(secret: Buffer, header: string | undefined): boolean {
  const [, scheme = '', value = ''] = /^(bearer|basic) +(\S+) *$/i.exec(header ?? '') ?? [];
  const given =
    scheme.toLowerCase() === 'basic'
      ? Buffer.from(value, 'base64')
          .toString('utf8')
          .replace(/^[^:]*:/, '')
      : value;
  // Hashes have equal lengths, and tell nothing of the token by the time their comparison takes.
  return timingSafeEqual(hash(given), secret);
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
