import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { deathOf, type Death } from './death.js';
import { endKin, MARK_VARIABLE, newMark, signal } from './kin.js';
import type { Lifeline } from './lifeline.js';
import type { Sent } from './serve.js';

/** The program of a contained process, and its limits. */
export interface Containment {
  /** A module that calls `serveParent`. */
  readonly module: URL;
  /**
   * Resident memory of the process, on V8's heap and off it; with `isForeign`, its descendants'
   * too.
   */
  readonly memoryMB: number;
  /** Whether it runs external code, which may start other processes. */
  readonly isForeign: boolean;
}

/** The outcome of a task. */
export type Outcome = { readonly answer: unknown } | { readonly death: Death };

export interface Asking {
  readonly timeLimitS?: number;
  readonly onTold?: (told: unknown) => void;
}

/**
 * A process that performs tasks for this one, one after the other, and is replaced when it dies:
 * from V8, its memory, a signal, or a task that does not end. It ends at most a tenth of a second
 * after this process, however this one ends (SIGKILL and a closed terminal included), even in the
 * middle of a computation. On Linux all its descendants end with it; elsewhere those still in its
 * process group.
 */
export class ContainedProcess {
  private living: Living | undefined;

  constructor(private readonly containment: Containment) {}

  /**
   * Whether the next task is the first one of its process: then that task is the cause of its
   * death.
   */
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

  /** Ends the process and its descendants. A task in progress dies. */
  end(): void {
    this.living?.end();
    this.living = undefined;
  }
}

/** The length of a process's last output that is kept. */
const KEPT_WORDS = 16_384;
/** The time allowed for output that a process wrote before it ended to arrive. */
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
        // Its children may outlive it and hold its standard error open.
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
    // Sending to a process that is already gone fails; its death is the answer.
    this.child.send(task as object, () => undefined);
    try {
      return await Promise.race([answered, this.died.then((death) => ({ death })), late]);
    } finally {
      clearTimeout(timer);
      this.child.removeAllListeners('message');
    }
  }

  /** Ends it and its descendants, once: later its number may belong to another process. */
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

/**
 * V8 collects garbage more eagerly near its heap limit, which is therefore set below by this much.
 */
function heapMB(memoryMB: number): number {
  return memoryMB - Math.max(96, Math.ceil(memoryMB / 8));
}

/** Flags that say what a process runs, with their values; a child runs its own module. */
const RUNNING =
  /^(?:-e|--eval|-p|--print|-pe|-i|--interactive|--input-type(?:=.*)?|--test|--watch)$/;
const WITH_VALUE = new Set(['-e', '--eval', '-p', '--print', '-pe', '--input-type']);

/** The flags of this process that its children inherit. */
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
    // V8's output when it dies is only for `deathOf`.
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced',
    // A process group of its own, so that it can be ended with all its descendants.
    detached: true,
  });
}
