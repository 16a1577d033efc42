import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A process that answers each line of JSON on standard input with one on standard output. */
export class LineProcess {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly lines: AsyncIterator<string>;

  constructor(command: string, args: readonly string[]) {
    this.child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] }) as never;
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  /** @returns the answer, or the reason why there is none. */
  async ask(request: unknown): Promise<unknown> {
    this.child.stdin.write(`${JSON.stringify(request)}\n`);
    const line = await this.lines.next();
    return line.done === true ? { error: 'the process ended' } : JSON.parse(line.value);
  }

  /** Ends after the last answer. */
  end(): void {
    this.child.stdin.end();
  }

  /** Ends at once, whatever it is doing. */
  kill(): void {
    this.child.kill('SIGKILL');
  }
}
