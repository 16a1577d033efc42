import { spawn } from 'node:child_process';
import { serveParent } from '../../sim/processes/serve.js';

/** Holds what was filled, so that nothing of it is given back. */
const held: unknown[] = [];

/** A contained process that does whatever could be wrong with one. */
const DEEDS: Readonly<Record<string, (tell: (told: unknown) => Promise<void>) => unknown>> = {
  pid: () => process.pid,
  tell: async (tell) => {
    for (const k of [1, 2, 3]) await tell(k);
    return 'told';
  },
  tellAndDie: async (tell) => {
    await tell('first');
    process.kill(process.pid, 'SIGKILL');
  },
  exit: () => process.exit(3),
  segfault: () => {
    process.kill(process.pid, 'SIGSEGV');
    return new Promise(() => undefined);
  },
  abort: () => {
    process.abort();
  },
  throw: () => Promise.reject(new Error('a bug')),
  heap: () => {
    for (;;) held.push(Array.from({ length: 1000 }, (_, k) => ({ k })));
  },
  buffers: () => {
    for (;;) held.push(Buffer.alloc(2 ** 22, 1));
  },
  loop: () => {
    for (;;);
  },
  /** Begins a process of another group and session that lets go of everything, and computes on. */
  begin: async (tell) => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
      detached: true,
      stdio: 'ignore',
    });
    child.unref();
    await tell(child.pid);
    for (;;);
  },
};

serveParent((deed, tell) => Promise.resolve(DEEDS[deed as string]!(tell)));
