import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { InputError } from '../../src/errors.js';
import { lineOf, readEvents } from '../../sim/control/event-lines.js';
import { EventLog, type LoggedState, type Rotation } from '../../sim/control/event-log.js';
import type { JobEvent } from '../../sim/control/events.js';
import { JobState } from '../../sim/control/job-state.js';
import { rankInfo } from '../support/control-server.js';

const FIRST = {
  type: 'job-registered',
  ...{ id: 'a', degrees: { pp: 2, dp: 4, tp: 1 }, at: '2026-11-27T00:00:00.000Z' },
} as const;

/** The events of eight ranks and some reports. */
function sampleEvents(): JobEvent[] {
  const ranks = Array.from({ length: 8 }, (_, rank) => rankInfo(rank, 2, 4));
  return [
    FIRST,
    ...ranks.map((rank): JobEvent => ({ type: 'rank-registered', rank })),
    { type: 'scenario-set', text: 'pipeline: {microbatches: 3} # é\n' },
    reported(0, 1),
    { type: 'straggler-reported', straggler: { pipeline: 1, slowdown: 1.2 } },
    reported(3, 1.25),
  ];
}

function reported(rank: number, timeS: number): JobEvent {
  const result = {
    ...{ rank, iter_time: [timeS], iter_energy: [300 * timeS] },
    ...{ time_breakdown: {}, energy_breakdown: {} },
  };
  return { type: 'result-reported', result, digest: `${rank} ${timeS}` };
}

function folded(events: Iterable<JobEvent>): JobState {
  const state = new JobState(FIRST);
  for (const event of events) state.apply(event);
  return state;
}

/** A log in a folder of its own, and the state that it makes up. */
async function newLog(rotation?: Rotation) {
  const folder = mkdtempSync(join(tmpdir(), 'pipewatt-log-'));
  const path = join(folder, 'a.jsonl');
  const state = folded([]);
  const taken = { back: 0 };
  const logged: LoggedState = {
    events: () => state.events(),
    takeBack: () => {
      taken.back++;
    },
  };
  const log = await EventLog.create(path, logged, rotation);
  const add = (event: JobEvent) => {
    state.apply(event);
    return log.append(event);
  };
  return { folder, path, state, log, add, taken };
}

/** The state that a restarted server has. */
function resumed(path: string): JobState {
  let state: JobState | undefined;
  EventLog.resume(path, (events) => {
    state = folded(events);
    return { events: () => state!.events(), takeBack: () => undefined };
  });
  return state!;
}

const plain = (state: JobState) => [...state.events()];

test('appended events are there after a restart', async (t) => {
  const { folder, path, state, add } = await newLog();
  await Promise.all(sampleEvents().slice(1).map(add));
  t.deepEqual(plain(resumed(path)), plain(state));
  t.is(resumed(path).revision, 2);
  rmSync(folder, { recursive: true });
});

test('an end that was torn anywhere is left out, and the file goes on behind it', (t) => {
  const lines = sampleEvents().map(lineOf);
  const whole = Buffer.from(lines.join(''));
  const last = Buffer.byteLength(lines.at(-1)!);
  for (let cut = 1; cut <= last; cut++) {
    const read = readEvents(whole.subarray(0, whole.length - cut), 'a.jsonl');
    t.deepEqual([read.events.length, read.bytes], [lines.length - 1, whole.length - last]);
  }
  // After a loss of power a file may end in zeros.
  const zeros = Buffer.concat([whole, Buffer.alloc(4096)]);
  t.is(readEvents(zeros, 'a.jsonl').bytes, whole.length);
  const folder = mkdtempSync(join(tmpdir(), 'pipewatt-log-'));
  const path = join(folder, 'a.jsonl');
  writeFileSync(path, whole.subarray(0, whole.length - 7));
  resumed(path);
  t.is(statSync(path).size, whole.length - last);
  rmSync(folder, { recursive: true });
});

test('a damaged line before the last is an error with file and line, whatever the byte', (t) => {
  const lines = sampleEvents().map(lineOf);
  const whole = Buffer.from(lines.join(''));
  const start = Buffer.byteLength(lines.slice(0, 3).join(''));
  const length = Buffer.byteLength(lines[3]!);
  for (let at = 0; at < length - 1; at++) {
    const damaged = Buffer.from(whole);
    damaged[start + at] = damaged[start + at]! ^ 1;
    const error = t.throws(() => readEvents(damaged, 'jobs/a.jsonl'), { instanceOf: InputError });
    t.true(error.message.startsWith('jobs/a.jsonl:4: is damaged, but later lines are not'));
  }
});

test('a failed write acknowledges nothing, and leaves nothing behind', async (t) => {
  const { folder, path, log, add, taken } = await newLog();
  await add(reported(0, 1));
  const before = readFileSync(path);
  // A folder in its place cannot be written, whoever writes.
  renameSync(path, `${path}.away`);
  mkdirSync(path);
  const outcomes = await Promise.allSettled([add(reported(0, 2)), add(reported(1, 2))]);
  t.deepEqual(
    outcomes.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  t.is(taken.back, 1);
  rmdirSync(path);
  renameSync(`${path}.away`, path);
  t.deepEqual(log.reread(), readEvents(before, path).events);
  await log.append(reported(1, 3));
  t.is(resumed(path).total.reports, 2);
  rmSync(folder, { recursive: true });
});

test('a file that another program has changed takes no more', async (t) => {
  const { folder, path, add } = await newLog();
  writeFileSync(path, 'more\n', { flag: 'a' });
  await t.throwsAsync(add(reported(0, 1)), { message: /another program has changed/ });
  rmSync(folder, { recursive: true });
});

test('a file does not grow with the iterations', async (t) => {
  const { folder, path, state, add } = await newLog({ leastBytes: 4000, growth: 3 });
  for (const event of sampleEvents().slice(1)) await add(event);
  let largest = 0;
  for (let k = 0; k < 500; k++) {
    await Promise.all([add(reported(k % 8, 1 + k / 100)), add(reported((k + 1) % 8, 2))]);
    largest = Math.max(largest, statSync(path).size);
  }
  t.true(largest < 16_000, String(largest));
  t.is(state.total.reports, 1002);
  t.deepEqual(plain(resumed(path)), plain(state));
  rmSync(folder, { recursive: true });
});

/** Any events that the rules of requests let pass. */
const anyEvent: fc.Arbitrary<JobEvent> = fc.oneof(
  fc
    .record({ rank: fc.nat(7), timeS: fc.double({ min: 0.1, max: 9, noNaN: true }) })
    .map(({ rank, timeS }) => reported(rank, timeS)),
  fc
    .record({ pipeline: fc.nat(3), slowdown: fc.double({ min: 1.1, max: 3, noNaN: true }) })
    .map((straggler): JobEvent => ({ type: 'straggler-reported', straggler })),
  fc.nat(3).map((pipeline): JobEvent => ({ type: 'straggler-gone', pipeline })),
  fc.string().map((text): JobEvent => ({ type: 'scenario-set', text })),
  fc.string().map((text): JobEvent => ({ type: 'plan-set', text })),
  fc
    .record({ csv: fc.string(), microbatches: fc.nat(9) })
    .map(({ csv, microbatches }): JobEvent => ({
      type: 'profile-set',
      csv,
      settings: { microbatches },
    })),
);

test('the fewest events that lead to a state lead to it', (t) => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 40 }), fc.nat(40), (events, cut) => {
      const all = [...sampleEvents(), ...events];
      const straight = folded(all);
      // Cut down somewhere, written, read again, gone on with.
      const text = plain(folded(all.slice(0, cut)))
        .map(lineOf)
        .join('');
      const { events: read } = readEvents(Buffer.from(text), 'a');
      const detour = folded([...read, ...all.slice(cut)]);
      t.deepEqual(plain(detour), plain(straight));
    }),
  );
});
