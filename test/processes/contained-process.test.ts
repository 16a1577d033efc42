import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import test from 'ava';
import { ContainedProcess } from '../../sim/processes/contained-process.js';
import { deathOf, OUT_OF_MEMORY } from '../../sim/processes/death.js';
import { memoryShareMB } from '../../sim/processes/memory-share.js';
import { projectFile } from '../support/files.js';
import { isThere, untilGone } from '../support/process-ids.js';

const MEMORY_MB = 256;
const module = new URL('../support/contained-module.js', import.meta.url);

function contained(isForeign = false): ContainedProcess {
  return new ContainedProcess({ module, memoryMB: MEMORY_MB, isForeign });
}

/** Deeds that a process dies of, and of what. */
const DEATHS: Readonly<Record<string, RegExp>> = {
  exit: /^other exit code 3$/,
  segfault: /^other SIGSEGV$/,
  abort: /^other SIGABRT$/,
  throw: /^other exit code 1$/,
  heap: /^memory it needed more than 256 MB of memory$/,
  buffers: /^memory it needed more than 256 MB of memory$/,
};

test('a process that dies is replaced, and says what it died of', async (t) => {
  const one = contained();
  t.true(one.isFresh);
  for (const [deed, expected] of Object.entries(DEATHS)) {
    const outcome = await one.ask(deed);
    t.true('death' in outcome, deed);
    if ('death' in outcome) t.regex(`${outcome.death.cause} ${outcome.death.how}`, expected, deed);
    t.true(one.isFresh, 'the next is another process');
    t.deepEqual(await one.ask('tell'), { answer: 'told' });
    t.false(one.isFresh);
  }
  one.end();
});

test('what is told arrives in order, also from a process that dies of what comes next', async (t) => {
  const one = contained();
  const told: unknown[] = [];
  const onTold = (what: unknown) => told.push(what);
  await one.ask('tell', { onTold });
  const outcome = await one.ask('tellAndDie', { onTold });
  t.deepEqual(told, [1, 2, 3, 'first']);
  t.deepEqual(outcome, { death: { cause: 'other', how: 'SIGKILL' } });
  one.end();
});

test('a process that was killed while it had nothing to do is replaced', async (t) => {
  const one = contained();
  const { answer: pid } = (await one.ask('pid')) as { answer: number };
  process.kill(pid, 'SIGKILL');
  await untilGone(pid);
  // Whether that is known yet or not, no task may hang.
  const outcome = await one.ask('tell');
  t.true('answer' in outcome || outcome.death.how === 'SIGKILL');
  t.deepEqual(await one.ask('tell'), { answer: 'told' });
  one.end();
});

test('a process that does not end is ended, with what it began in a session of its own', async (t) => {
  const one = contained(true);
  const began: number[] = [];
  const outcome = await one.ask('begin', {
    timeLimitS: 3,
    onTold: (pid) => began.push(pid as number),
  });
  t.deepEqual(outcome, { death: { cause: 'time', how: 'no end within 3 s' } });
  t.is(began.length, 1);
  if (existsSync('/proc/self/environ')) await untilGone(began[0]!);
  one.end();
  t.pass();
});

for (const signal of ['SIGTERM', 'SIGHUP', 'SIGKILL', 'SIGINT'] as const) {
  test(`processes end with a parent that goes by ${signal}, in the middle of a loop`, async (t) => {
    const parent = spawn(process.execPath, [projectFile('dist/test/support/contained-parent.js')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const line = await new Promise<Buffer>((resolve) => parent.stdout.once('data', resolve));
    const [pid, began] = JSON.parse(line.toString()) as [number, number];
    t.true(isThere(pid) && isThere(began));
    parent.kill(signal);
    await untilGone(pid);
    // Elsewhere nothing tells where it has gone.
    if (existsSync('/proc/self/environ')) await untilGone(began);
    else process.kill(began);
    t.false(isThere(pid));
  });
}

test('of what was said last it is read what a process died of', (t) => {
  const of = (said: string, signal: string | null = null, code: number | null = null) => {
    const { cause, how } = deathOf(code, signal, said, 512);
    return `${cause}: ${how}`;
  };
  t.is(of('', 'SIGKILL'), 'other: SIGKILL');
  t.is(of('', null, 7), 'other: exit code 7');
  t.is(of(`noise\n${OUT_OF_MEMORY}\n`, 'SIGKILL'), 'memory: it needed more than 512 MB of memory');
  t.is(
    of(
      'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
      'SIGABRT',
    ),
    'memory: it needed more than 512 MB of memory',
  );
  t.is(
    of(
      '#\n# Fatal error in , line 0\n# Fatal JavaScript invalid size error 169220804\n#',
      'SIGTRAP',
    ),
    'other: SIGTRAP, Fatal JavaScript invalid size error 169220804',
  );
});

test('memory is shared out among processes, within bounds', (t) => {
  t.is(memoryShareMB(2, 10_000, 4096), 4000);
  t.is(memoryShareMB(1, 10_000, 4096), 4096, 'no more than Node gives this process');
  t.is(memoryShareMB(1024, 10_000, 4096), 512, 'no less than a run needs');
});
