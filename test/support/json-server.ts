import { spawn, type ChildProcess } from 'node:child_process';
import type { ExecutionContext } from 'ava';
import { projectFile } from './files.js';

/** A line of `pipewatt serve-json`, read. */
export type Answer = Readonly<Record<string, unknown>> & {
  readonly id: number | string | null;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly kind: string; readonly message: string; readonly problems?: unknown };
};

/** A running `pipewatt serve-json`, ended with its test. */
export class JsonServer {
  readonly answers: Answer[] = [];
  readonly ended: Promise<number | null>;
  readonly child: ChildProcess;
  private rest = '';
  private wake: () => void = () => undefined;
  private hasEnded = false;

  constructor(t: ExecutionContext, args: readonly string[] = []) {
    this.child = spawn(process.execPath, [
      projectFile('dist/sim/cli/main.js'),
      'serve-json',
      ...args,
    ]);
    this.child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.read(text);
    });
    // Tests write to processes that have ended.
    this.child.stdin!.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      this.child.on('close', (code) => {
        this.hasEnded = true;
        this.wake();
        resolve(code);
      });
    });
    t.teardown(() => this.child.kill('SIGKILL'));
  }

  send(...requests: readonly unknown[]): void {
    this.write(requests.map((request) => `${JSON.stringify(request)}\n`).join(''));
  }

  write(text: string | Uint8Array): void {
    this.child.stdin!.write(text);
  }

  /** The first line that passes, once it is there. @throws Error if the process ends before. */
  async line(passes: (answer: Answer) => boolean): Promise<Answer> {
    for (;;) {
      const found = this.answers.find(passes);
      if (found !== undefined) return found;
      if (this.hasEnded) throw new Error(`it ended; answers: ${JSON.stringify(this.answers)}`);
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  /** The end of the answer to a request. */
  answer(id: number | string | null): Promise<Answer> {
    return this.line((one) => one.id === id && ('result' in one || 'error' in one));
  }

  /** Ends the input, and waits for the end. @returns the exit code. */
  async end(): Promise<number | null> {
    this.child.stdin!.end();
    return this.ended;
  }

  private read(text: string): void {
    const lines = `${this.rest}${text}`.split('\n');
    this.rest = lines.pop()!;
    // Anything but JSON on standard output throws here.
    this.answers.push(...lines.map((line) => JSON.parse(line) as Answer));
    this.wake();
  }
}
