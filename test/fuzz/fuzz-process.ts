import { fork, type ChildProcess } from 'node:child_process';
import { projectFile } from '../support/files.js';
import type { FuzzInput, FuzzOutcome } from './fuzz-input.js';

/** An input that computes longer has no end: a hundred times as long as any that is right. */
const KILL_AFTER_CPU_S = 60;
/** An input that waits this long waits for ever, on a busy machine too. */
const KILL_AFTER_S = 600;
/** More than any input that is right takes, by far. */
const MOST_BYTES = 1.5 * 2 ** 30;

/** A process that inputs are given to; one that died is begun anew. */
export class FuzzProcess {
  private child: ChildProcess | undefined;
  private heard = '';

  async run(input: FuzzInput): Promise<FuzzOutcome> {
    const child = (this.child ??= this.begin());
    this.heard = '';
    return new Promise<FuzzOutcome>((resolve) => {
      const settle = (outcome: FuzzOutcome) => {
        child.removeAllListeners('message');
        child.removeAllListeners('close');
        resolve(outcome);
      };
      child.once('message', (outcome) => {
        settle(outcome as FuzzOutcome);
      });
      child.once('close', (code, signal) => {
        this.child = undefined;
        settle({ kind: 'died', why: `${signal ?? `exit code ${code}`}: ${this.heard.trim()}` });
      });
      child.send(input);
    });
  }

  stop(): void {
    this.child?.disconnect();
    this.child = undefined;
  }

  private begin(): ChildProcess {
    const child = fork(
      projectFile('dist/test/fuzz/fuzz-child.js'),
      [KILL_AFTER_CPU_S, MOST_BYTES, KILL_AFTER_S].map(String),
      {
        serialization: 'advanced',
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        execArgv: ['--max-old-space-size=1024'],
      },
    );
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.on('data', (data: Buffer) => (this.heard += data.toString()));
    }
    return child;
  }
}
