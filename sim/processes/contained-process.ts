import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { deathOf, type Death } from './death.js';
import { endKin, MARK_VARIABLE, newMark, signal } from './kin.js';
import type { Lifeline } from './lifeline.js';
import type { Sent } from './serve.js';

/** What runs in a contained process, and what it may have. */
export interface Containment {
  /** A module that calls `serveParent`. */
  readonly module: URL;
  /** Resident memory of the process, on V8's heap and off it; with `isForeign` of its kin too. */
  readonly memoryMB: number;
  /** Whether it runs code that is not ours, and that may begin other processes. */
  readonly isForeign: boolean;
}

/** How a task ended. */
export type Outcome = { readonly answer: unknown } | { readonly death: Death };

export interface Asking {
  readonly timeLimitS?: number;
  readonly onTold?: (told: unknown) => void;
}

/**
 * A process that does one task after the other for this one, and is replaced when it has died: of V8,
 * of its memory, of a signal, of a task that does not end. It ends with this process in whatever way
 * this one goes, SIGKILL and a closed terminal included, a tenth of a second later at most, also in
 * the middle of a computation. On Linux whatever it began ends with it; elsewhere what has stayed in
 * its process group.
 */
export class ContainedProcess {
  private living: Living | undefined;

  constructor(private readonly containment: Containment) {}

  /** Whether the next task is the first one of its process: what it dies of is that task then. */
  get isFresh(): boolean {
    return this.living === undefined || !this.living.isUsed;
  }

  async ask(task: unknown, asking: Asking = {}): Promise<Outcome> {
    if (this.living?.isOver === true) this.end();
    this.living ??= new Living(this.containment);
    const outcome = await this.living.ask(task, asking);
    if ('death' in outcome) this.end();
    return outcome;
  }

  /** Ends the process and whatever it began. A task that it has in hand dies. */
  end(): void {
    this.living?.end();
    this.living = undefined;
  }
}

/** Of what a process says last, this much is kept. */
const KEPT_WORDS = 16_384;
/** How long words may take that a process has said before it ended. */
const LAST_WORDS_MS = 1000;

class Living {
  isUsed = false;
  isOver = false;
  private readonly mark = newMark();
  private readonly child: ChildProcess;
  private readonly died: Promise<Death>;
  private said = '';

  constructor(private readonly containment: Containment) {
    this.child = begin(containment, this.mark);
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.said = `${this.said}${text}`.slice(-KEPT_WORDS);
    });
    this.died = new Promise((resolve) => {
      const settle = (code: number | null, by: string | null) => {
        resolve(deathOf(code, by, this.said, containment.memoryMB));
      };
      this.child.on('error', ({ message }) => {
        this.isOver = true;
        resolve({ cause: 'other', how: message });
      });
      this.child.on('close', settle);
      this.child.on('exit', (code, by) => {
        // What it began may go on without it, and may hold its standard error open.
        this.end();
        setTimeout(settle, LAST_WORDS_MS, code, by).unref();
      });
    });
  }

  async ask(task: unknown, { timeLimitS, onTold }: Asking): Promise<Outcome> {
    this.isUsed = true;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Outcome>((resolve) => {
      if (timeLimitS === undefined) return;
      const death: Death = { cause: 'time', how: `no end within ${timeLimitS} s` };
      timer = setTimeout(resolve, 1000 * timeLimitS, { death });
    });
    const answered = new Promise<Outcome>((resolve) => {
      this.child.removeAllListeners('message');
      this.child.on('message', (sent: Sent) => {
        if ('answer' in sent) resolve(sent);
        else onTold?.(sent.told);
      });
    });
    // A process that is gone already cannot be sent to; its death answers.
    this.child.send(task as object, () => undefined);
    try {
      return await Promise.race([answered, this.died.then((death) => ({ death })), late]);
    } finally {
      clearTimeout(timer);
      this.child.removeAllListeners('message');
    }
  }

  /** Ends it and its kin, once: later its number may be another process's. */
  end(): void {
    const { pid, exitCode, signalCode } = this.child;
    if (this.isOver || pid === undefined) return;
    this.isOver = true;
    const isThere = exitCode === null && signalCode === null;
    if (this.containment.isForeign) endKin(isThere ? pid : undefined, this.mark);
    signal(-pid);
    this.child.kill('SIGKILL');
  }
}

/** V8 collects garbage the more eagerly the nearer its heap is to its limit, which is so much below. */
function heapMB(memoryMB: number): number {
  return memoryMB - Math.max(96, Math.ceil(memoryMB / 8));
}

/** Flags that say what a process runs, with their values: a child runs its module. */
const RUNNING =
  /^(?:-e|--eval|-p|--print|-pe|-i|--interactive|--input-type(?:=.*)?|--test|--watch)$/;
const WITH_VALUE = new Set(['-e', '--eval', '-p', '--print', '-pe', '--input-type']);

/** The flags of this process that its children are to have too. */
export function flagsOfChildren(flags: readonly string[]): string[] {
  return flags.filter(
    (flag, k) => !RUNNING.test(flag) && !(k > 0 && WITH_VALUE.has(flags[k - 1]!)),
  );
}

function begin({ module, memoryMB, isForeign }: Containment, mark: string): ChildProcess {
  const lifeline: Lifeline = { parent: process.pid, memoryMB, mark, isForeign };
  return fork(fileURLToPath(module), [JSON.stringify(lifeline)], {
    execArgv: [...flagsOfChildren(process.execArgv), `--max-old-space-size=${heapMB(memoryMB)}`],
    env: { ...process.env, [MARK_VARIABLE]: mark },
    // What V8 says when it dies is for `deathOf` alone.
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced',
    // A group of its own, so that it can be ended with all that it began.
    detached: true,
  });
}
