import { spawn, spawnSync } from 'node:child_process';
import { projectFile } from './files.js';

/** The end of a process of the command line. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A process of the command line that was begun. */
export interface Begun {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** Its output so far. */
  err(): string;
  kill(): void;
  /** As Ctrl-C or a batch scheduler does. */
  stop(signal: 'SIGINT' | 'SIGTERM'): void;
}

/** Begins the command line in a process of its own, as users do; in the tests' folder or another. */
export function begin(args: readonly string[], cwd?: string): Begun {
  const child = spawn(process.execPath, [projectFile('dist/sim/cli/main.js'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (data: Buffer) => (out += data.toString()));
  child.stderr.on('data', (data: Buffer) => (err += data.toString()));
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code) => {
      resolve({ code, out, err });
    });
  });
  return {
    pid: child.pid!,
    ended,
    err: () => err,
    kill: () => child.kill('SIGKILL'),
    stop: (signal) => child.kill(signal),
  };
}

/** Surroundings of a process that differ from the tests' own. */
export interface Surroundings {
  readonly cwd?: string;
  /** Its standard input; empty if left out. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs the command line in a process of its own, to its end. */
export function runToEnd(args: readonly string[], { env, ...around }: Surroundings = {}): Ended {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [projectFile('dist/sim/cli/main.js'), ...args],
    { ...around, encoding: 'utf8', env: { ...process.env, ...env } },
  );
  return { code: status, out: stdout, err: stderr };
}
