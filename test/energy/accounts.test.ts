import { readFileSync } from 'node:fs';
import test from 'ava';
import {
  ACCOUNT_KEYS,
  ACCOUNTS,
  BOOKINGS,
  perAccount,
  accountName,
  type Account,
} from '../../sim/energy/accounts.js';
import { compensatedSum } from '../../src/compensated-sum.js';
import { LedgerSum } from '../../sim/energy/ledger-sum.js';
import { bookEnergy, type Ledger } from '../../sim/energy/ledger.js';
import { STAGE_ACTIVITIES } from '../../sim/energy/stage-times.js';
import { simulateJob } from '../../sim/training/job.js';
import { closingPhases, INSTRUCTION_PHASES } from '../../sim/training/phases.js';
import { AFTER_MEETING, afterMeetingS } from '../../sim/training/timing.js';
import { projectFile } from '../support/files.js';
import { jobOfShape } from '../support/random-jobs.js';

const JOB = jobOfShape({
  schedule: '1f1b',
  stages: 3,
  microbatches: 4,
  pipelines: [0, 1, 1],
  overheads: 'message',
  clocks: true,
  changes: false,
  ties: false,
  seed: 7,
});
const RECORD = simulateJob(JOB);
const LEDGER = bookEnergy(JOB, RECORD, { blockingPowerW: 80, gpusPerStage: 3 });

test('every activity is booked in one account, and every account has an activity', (t) => {
  const booked = Object.values(ACCOUNTS).map(({ activities }) => Object.keys(activities));
  const activities = booked.flat();
  t.is(new Set(activities).size, activities.length);
  t.true(booked.every((ofAccount) => ofAccount.length > 0));
  const done = [
    ...INSTRUCTION_PHASES.map(({ activity }) => activity),
    ...closingPhases(JOB.timing, RECORD, RECORD.pipelines[0]!).map(({ activity }) => activity),
  ];
  t.deepEqual([...activities].sort(), [...new Set(done)].sort());
  t.deepEqual(Object.keys(BOOKINGS), activities, 'in the order of the accounts');
  t.deepEqual(
    STAGE_ACTIVITIES,
    activities.filter((activity) =>
      INSTRUCTION_PHASES.some((phase) => phase.activity === activity),
    ),
  );
});

test('accounts have different names everywhere, and those of results stay', (t) => {
  for (const name of [
    (account: Account) => ACCOUNTS[account].category,
    (account: Account) => ACCOUNTS[account].title,
    accountName,
  ]) {
    t.is(new Set(ACCOUNT_KEYS.map(name)).size, ACCOUNT_KEYS.length);
  }
  t.like(perAccount(accountName), {
    totalComputeJ: 'total_compute',
    pipelineBlockingJ: 'pipeline_blocking',
    stragglerBlockingJ: 'straggler_blocking',
    stallJ: 'stall',
    loadingJ: 'loading',
    communicationJ: 'communication',
    synchronisationJ: 'synchronisation',
    iterationConstantJ: 'iteration_constant',
    clockChangeJ: 'clock_change',
  });
  t.is(accountName('totalJ'), 'total');
});

test('ledgers and sums of ledgers hold every account, in the order of the table', (t) => {
  const keys = ['computeJ', ...ACCOUNT_KEYS, 'totalJ'];
  t.deepEqual(Object.keys(LEDGER), keys);
  const sum = new LedgerSum();
  sum.add(LEDGER, 3);
  sum.add({ ...LEDGER }, 0.5);
  t.deepEqual(Object.keys(sum.value()), keys);
  for (const key of [...ACCOUNT_KEYS, 'totalJ'] satisfies (keyof Ledger)[]) {
    const ratio = sum.value()[key] / LEDGER[key];
    t.true(LEDGER[key] === 0 || Math.abs(ratio - 3.5) < 1e-12, `${key}: ${ratio}`);
  }
});

test('a sum of ledgers is each account’s sum in order, to the last bit, however often it is asked for', (t) => {
  const scaled = (factor: number): Ledger => ({
    computeJ: LEDGER.computeJ.map((energyJ) => energyJ * factor),
    ...perAccount((account) => LEDGER[account] * factor),
    totalJ: LEDGER.totalJ * factor,
  });
  const [small, large] = [scaled(1e-3 / 7), scaled(1e12 / 3)];
  const sum = new LedgerSum();
  const parts = [
    { ledger: small, times: 3 },
    { ledger: large, times: 2 },
    { ledger: small, times: 1 },
  ];
  for (const { ledger, times } of parts) for (let k = 0; k < times; k++) sum.add(ledger);
  const expected = (account: (ledger: Ledger) => number): number => {
    const total = compensatedSum();
    for (const { ledger, times } of parts) total.add(times * account(ledger));
    return total.value();
  };
  for (let asked = 0; asked < 2; asked++) {
    t.is(
      sum.value().totalJ,
      expected((ledger) => ledger.totalJ),
    );
    for (const key of ACCOUNT_KEYS)
      t.is(
        sum.value()[key],
        expected((ledger) => ledger[key]),
      );
    t.deepEqual(
      [...sum.value().computeJ],
      [...LEDGER.computeJ.keys()].map((op) => expected((ledger) => ledger.computeJ[op]!)),
    );
  }
});

test('what pipelines do after they have met takes all of its time', (t) => {
  for (const { activity, field } of AFTER_MEETING) {
    const without = { ...JOB.timing, [field]: 0 };
    const timing = { ...without, [field]: 0.25 };
    t.is(afterMeetingS(timing), afterMeetingS(without) + 0.25);
    const record = simulateJob({ ...JOB, timing });
    const phases = closingPhases(timing, record, record.pipelines[0]!);
    t.is(phases.find((phase) => phase.activity === activity)!.timeS, 0.25);
    t.is(phases.at(-1)!.untilS, record.iterationTimeS);
    const { account } = BOOKINGS[activity];
    const gpus = { blockingPowerW: 80, synchronisationPowerW: 90, gpusPerStage: 3 };
    const joules = (job: typeof JOB) => bookEnergy(job, simulateJob(job), gpus)[account];
    t.true(joules({ ...JOB, timing }) > joules({ ...JOB, timing: without }), account);
  }
});

test('the table of accounts in the documentation is this one', (t) => {
  const page = readFileSync(projectFile('docs/commands.md'), 'utf8');
  const rows = page.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
  const head = rows.findIndex((cells) => cells[1] === 'in JSON' && cells[2] === 'in SQL');
  t.true(head >= 0);
  t.deepEqual(
    rows.slice(head + 2, head + 2 + ACCOUNT_KEYS.length).map((cells) => cells.slice(1, 5)),
    ACCOUNT_KEYS.map((account) => {
      const { category, title } = ACCOUNTS[account];
      return [`\`${account}\``, `\`${accountName(account)}\``, `\`${category}\``, title];
    }),
  );
  t.not(rows[head + 2 + ACCOUNT_KEYS.length]?.[0], undefined);
  t.is(rows[head + 2 + ACCOUNT_KEYS.length]!.length, 1, 'and no row more');
});
