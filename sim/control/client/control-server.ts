import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { InputError } from '../../../src/errors.js';
import { cut } from '../../../src/problem-list.js';

/** The address of a server, and how to talk to it. */
export interface ServerAddress {
  readonly url: URL;
  readonly token?: string | undefined;
  /** The longest wait for one answer: planning takes its time. */
  readonly timeLimitS: number;
  /** How long requests are repeated while the server is away, restarting or overloaded. */
  readonly patienceS?: number;
}

/** One request. */
export interface ServerRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  /** JSON, unless `contentType` says otherwise. */
  readonly body?: string | undefined;
  readonly contentType?: string;
  /** A request that must not reach the server twice. */
  readonly isOnce?: true;
}

/** Connections at once: ranks share them, and the server limits those of one host. */
const MOST_CONNECTIONS = 64;
const PATIENCE_S = 30;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2000;
/** An answer is cut off there: a schedule of 100,000 microbatches has 5 MB. */
const LONGEST_ANSWER = 64 * 2 ** 20;
/** Answers that ask for patience: too many requests, shutting down. */
const LATER: ReadonlySet<number> = new Set([429, 503]);

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly retryAfterS: number;
}

/**
 * A server of `pipewatt serve`, over a few kept connections. Requests are repeated if a connection
 * breaks, except before the first answer: an address at which nothing listens is a mistake.
 */
export class ControlServer {
  private readonly agent: HttpAgent;
  /** Ends pauses when nothing more is asked. */
  private readonly closing = new AbortController();
  private hasAnswered = false;

  constructor(private readonly address: ServerAddress) {
    const options = { keepAlive: true, maxSockets: MOST_CONNECTIONS };
    const isSecure = address.url.protocol === 'https:';
    this.agent = isSecure ? new HttpsAgent(options) : new HttpAgent(options);
  }

  /**
   * Sends a request.
   * @returns the answer's JSON.
   * @throws InputError if the server cannot be reached, or refuses: with its own sentence.
   */
  async send(request: ServerRequest): Promise<unknown> {
    const { status, text } = await this.patiently(request);
    const value = parsed(text);
    if (status === 200 && value !== undefined) return value;
    const shown = `${request.method} ${decodeURIComponent(request.path)}`;
    throw status === 200
      ? this.error(`answered ${shown} with ${foundText(text)}, expected JSON`)
      : this.error(`refused ${shown} (${status}): ${sentenceOf(value, text)}`);
  }

  /** An error about this server. */
  error(message: string): InputError {
    return InputError.of({ source: this.name, message });
  }

  /** The address, for messages. */
  get name(): string {
    return this.address.url.href.replace(/\/$/, '');
  }

  /** Ends everything under way. */
  close(): void {
    this.closing.abort();
    this.agent.destroy();
  }

  private async patiently(request: ServerRequest): Promise<Answer> {
    const { patienceS = PATIENCE_S } = this.address;
    let pauseMs = FIRST_PAUSE_MS;
    let pausedMs = 0;
    for (;;) {
      let answer: Answer | undefined;
      let failure: NodeJS.ErrnoException | undefined;
      try {
        answer = await this.once(request);
        this.hasAnswered = true;
        if (!LATER.has(answer.status)) return answer;
      } catch (error) {
        if (error instanceof InputError) throw error;
        failure = error as NodeJS.ErrnoException;
        if (!this.hasAnswered || request.isOnce) throw this.unreachable(failure);
      }
      if (pausedMs >= 1000 * patienceS) {
        if (answer !== undefined) return answer;
        throw this.unreachable(failure!);
      }
      const waitMs = Math.max(pauseMs, 1000 * (answer?.retryAfterS ?? 0));
      await sleep(waitMs, undefined, { signal: this.closing.signal });
      pausedMs += waitMs;
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    }
  }

  private once({ method, path, body, contentType }: ServerRequest): Promise<Answer> {
    const { url, token, timeLimitS } = this.address;
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const signal = AbortSignal.timeout(1000 * timeLimitS);
    const headers = {
      ...(body === undefined ? {} : { 'content-type': contentType ?? 'application/json' }),
      ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    const target = new URL(url.pathname.replace(/\/$/, '') + path, url);
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => {
        const isLate = signal.aborted;
        reject(
          isLate ? this.error(`did not answer ${method} ${path} within ${timeLimitS} s`) : error,
        );
      };
      const request = send(target, { method, headers, agent: this.agent, signal }, (response) => {
        received(response).then(resolve, fail);
      });
      request.once('error', fail);
      request.end(body);
    });
  }

  private unreachable({ code, message }: NodeJS.ErrnoException): InputError {
    const reason = REASONS[code ?? ''] ?? message;
    return this.error(
      this.hasAnswered
        ? `no longer answers: ${reason}`
        : `cannot be reached: ${reason}; does pipewatt serve run there?`,
    );
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name of the host is not known now',
  ECONNRESET: 'it breaks the connection',
  EHOSTUNREACH: 'there is no way to that host',
  ETIMEDOUT: 'the host does not answer',
};

async function received(response: IncomingMessage): Promise<Answer> {
  response.setEncoding('utf8');
  let text = '';
  for await (const part of response as AsyncIterable<string>) {
    text += part;
    if (text.length > LONGEST_ANSWER) throw new Error('its answer is too long');
  }
  const retryAfterS = Number(response.headers['retry-after'] ?? 0);
  return { status: response.statusCode!, text, retryAfterS: retryAfterS > 0 ? retryAfterS : 0 };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The `detail` of an answer: a sentence, or a list of problems as FastAPI has it. */
function sentenceOf(value: unknown, text: string): string {
  const detail =
    typeof value === 'object' && value !== null && 'detail' in value ? value.detail : undefined;
  if (typeof detail === 'string') return detail;
  if (!Array.isArray(detail)) return foundText(text);
  return detail
    .map((one: unknown) => {
      if (typeof one !== 'object' || one === null) return String(one);
      const { loc, msg } = one as { readonly loc?: unknown; readonly msg?: unknown };
      const place = Array.isArray(loc) ? `${loc.join('.')}: ` : '';
      return `${place}${String(msg)}`;
    })
    .join('; ');
}

function foundText(text: string): string {
  return text.trim() === '' ? 'nothing' : JSON.stringify(cut(text.trim()));
}
