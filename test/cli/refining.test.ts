import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { timeLeft } from '../../sim/cli/progress.js';
import { secondsOf } from '../../sim/cli/refining.js';
import { projectFile } from '../support/files.js';
import { runInProcess } from '../support/in-process.js';

const QUICK_START = projectFile('scenarios/quick-start.yaml');

interface Printed {
  readonly approximation?: { readonly mayChangePct: number; readonly policies: string[] };
  readonly policies: {
    readonly planned_saving_pct: number;
    readonly simulated_saving_pct: number;
    readonly above_bound_pct: number;
  }[];
}

test('--within ends with plans that refining hardly changes, always the same', async (t) => {
  const args = ['run', QUICK_START, '--format', 'json', '--within', '0.1'];
  const { code, out } = await runInProcess(args);
  t.is(code, 0);
  t.is((await runInProcess(args)).out, out);
  const { approximation, policies } = JSON.parse(out) as Printed;
  t.true(approximation!.mayChangePct <= 0.1);
  t.deepEqual(approximation!.policies, ['perseus']);
  const frontier = JSON.parse((await runInProcess(args.slice(0, -2))).out) as Printed;
  for (const column of ['planned_saving_pct', 'simulated_saving_pct'] as const) {
    t.true(Math.abs(policies[2]![column] - frontier.policies[2]![column]) < 1e-9, column);
  }
  const table = await runInProcess(['run', QUICK_START, '--within', '0.1']);
  t.regex(
    table.out.replaceAll(/\n +/g, ' '),
    /plans of perseus are those of its whole frontier, for the deadlines of this job/,
  );
  const csv = await runInProcess(['run', QUICK_START, '--format', 'csv', '--within', '0.1']);
  t.regex(csv.err, /those of its whole frontier/);
  const soon = await runInProcess(['run', QUICK_START, '--budget', '1ms']);
  t.regex(
    soon.out.replaceAll(/\n +/g, ' '),
    /not yet those of its whole frontier: that adds at most 0\.\d+ points/,
  );
});

test('a budget that is over at once ends with the first table', async (t) => {
  const args = ['run', QUICK_START, '--format', 'json', '--budget', '1ms'];
  const { code, out } = await runInProcess(args);
  t.is(code, 0);
  t.truthy((JSON.parse(out) as Printed).approximation);
  const patient = await runInProcess([...args.slice(0, -1), '1h']);
  t.is(patient.code, 0, patient.err);
  t.is((JSON.parse(patient.out) as Printed).approximation!.mayChangePct, 0);
});

test('the picture of plans without a frontier has no line through their ends', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'refining-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  const lines = async (name: string, ...options: string[]) => {
    const into = join(folder, name);
    const { code, err } = await runInProcess(['run', QUICK_START, '--pictures', into, ...options]);
    t.is(code, 0, err);
    return (
      readFileSync(join(into, 'frontier.svg'), 'utf8').split(
        /<g [^>]*stroke-dasharray="[^"]*" stroke-linecap/,
      ).length - 1
    );
  };
  t.is((await lines('frontier')) - (await lines('alone', '--within', '0.1')), 1);
});

test('where the frontier takes minutes, plans are made without it', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'refining-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  const file = join(folder, 'fine.yaml');
  writeFileSync(file, `${readFileSync(QUICK_START, 'utf8')}unitTimeS: 1e-6\n`);
  const { code, out, err } = await runInProcess(['run', file, '--format', 'json']);
  t.is(code, 0, err);
  t.regex(err, /whole frontier takes minutes; plans are made for this job's deadlines alone/);
  const { approximation, policies } = JSON.parse(out) as Printed;
  t.is(approximation!.mayChangePct, 0);
  const [, , usual] = (
    JSON.parse((await runInProcess(['run', QUICK_START, '--format', 'json'])).out) as Printed
  ).policies;
  // The usual tick of 0.5 ms rounds up to 0.1 % away.
  const differencePct = policies[2]!.planned_saving_pct - usual!.planned_saving_pct;
  t.true(Math.abs(differencePct) < 0.2, String(differencePct));
  t.true(policies[2]!.above_bound_pct > 0 && policies[2]!.above_bound_pct < 1.5);
});

test('wrong times, points and companions are named together', async (t) => {
  const args = ['--within', '0', '--budget', 'soon', '--control', 'http://localhost:1'];
  const { code, err } = await runInProcess(['run', QUICK_START, ...args]);
  t.is(code, 2);
  t.regex(err, /--within: found "0", expected a number above 0/);
  t.regex(err, /--budget: found "soon", expected a time such as 30s/);
  t.regex(err, /--budget: cannot be used with --control/);
});

test('a budget has the units in which people wait', (t) => {
  const texts = [
    '30s',
    '2min',
    '2 m',
    '1h',
    '90',
    '500ms',
    '0.5 s',
    '0',
    '-1s',
    '5 days',
    '1.2.3s',
  ];
  t.deepEqual(texts.map(secondsOf), [
    ...[30, 120, 120, 3600, 90, 0.5, 0.5],
    ...[undefined, undefined, undefined, undefined],
  ]);
});

test('the time left is that at the rate so far', (t) => {
  t.is(timeLeft(10, 0), '');
  t.is(timeLeft(10, 0.5), ', about 10 s left');
  t.is(timeLeft(10, 0.1), ', about 1 min 30 s left');
  t.is(timeLeft(60, 0.5), ', about 1 min left');
  t.is(timeLeft(61, 0.05), ', about 19 min left');
});
