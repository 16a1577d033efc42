import fc from 'fast-check';
import { stringify } from 'yaml';
import type { FuzzInput } from '../fuzz-input.js';
import { edgeNumber, hostileText, writtenNumber } from '../hostile.js';
import { firstOf, notFinite, type Ended, withoutNames } from '../oracle.js';
import { wrongRun } from '../run-oracle.js';
import { smallScenarios } from '../small-scenarios.js';
import { commandLine, type FuzzTarget } from '../target.js';
import { wrongSynth } from './descriptions.js';
import { wrongAnswer } from './profiles.js';

const [{ fields: scenario, csv }] = smallScenarios() as [ReturnType<typeof smallScenarios>[number]];

const FILES = {
  's.yaml': stringify(scenario),
  'profile.csv': csv,
  'sweep.yaml': stringify({
    name: 'x',
    base: 's.yaml',
    matrix: { 'pipeline.microbatches': [2, 3] },
  }),
  'folder/inside.txt': 'text\n',
};

interface Command {
  /** A command line that is right. */
  readonly args: readonly string[];
  readonly numbers: readonly string[];
  readonly texts: readonly string[];
}

const COMMANDS: readonly Command[] = [
  {
    args: [
      'plan',
      'profile.csv',
      '--microbatches',
      '3',
      '--blocking-power',
      '80',
      '--format',
      'csv',
    ],
    numbers: [
      ...['--stages', '--microbatches', '--blocking-power', '--unit-time', '--tensor-parallel'],
      ...['--scale', '--deadline', '--straggler', '--time-limit'],
    ],
    texts: ['--format', '--planner'],
  },
  {
    args: ['run', 's.yaml', '--format', 'json'],
    numbers: ['--time-limit'],
    texts: ['--format', '--planner'],
  },
  {
    args: ['fit', 'profile.csv', '--format', 'json'],
    numbers: ['--clock-step', '--blocking-power', '--scale'],
    texts: ['--format', '--name', '--model', '--gpu', '--source'],
  },
  {
    args: [
      'fit',
      'profile.csv',
      '--format',
      'yaml',
      '--name',
      'n',
      '--model',
      'm',
      '--gpu',
      'g',
      '--source',
      's',
      '--blocking-power',
      '80',
    ],
    numbers: ['--clock-step', '--blocking-power', '--scale'],
    texts: ['--name', '--model', '--gpu', '--source'],
  },
  {
    args: ['synth', '--model', 'gpt3-2.7b', '--gpu', 'a40', '--stages', '2', '--microbatch', '1'],
    numbers: ['--stages', '--microbatch', '--tensor-parallel', '--sequence', '--efficiency'],
    texts: ['--model', '--gpu', '--format'],
  },
  {
    args: ['partition', '--blocks', '12', '--stages', '3', '--format', 'json'],
    numbers: ['--blocks', '--stages', '--embedding', '--head'],
    texts: ['--format'],
  },
  {
    args: ['sweep', 'sweep.yaml', '--dry-run'],
    numbers: ['--workers', '--shard'],
    texts: ['--shard', '--output'],
  },
  {
    args: ['replay', 'profile.csv'],
    numbers: ['--tensor-parallel', '--blocking-power'],
    texts: ['--catalog'],
  },
  { args: ['fit-runs', 'folder'], numbers: ['--workload'], texts: ['--workload', '--format'] },
  {
    args: ['validate', '--fit', 'folder', '--test', 'folder'],
    numbers: [],
    texts: ['--fit', '--test', '--format'],
  },
  { args: ['reproduce', 'nothing'], numbers: [], texts: ['--profiles'] },
  {
    args: ['results', 'profile.csv'],
    numbers: ['--count'],
    texts: ['--best', '--group-by', '--format'],
  },
  { args: ['results', 'merge', 'out.duckdb', 'profile.csv'], numbers: [], texts: [] },
  {
    args: ['compare', 'perseus', 'nowhere.js'],
    numbers: ['--seed', '--level', '--regression', '--time-limit', '--workers'],
    texts: ['--suite', '--format', '--against'],
  },
  {
    args: ['robustness', 'nowhere.js'],
    numbers: ['--seeds', '--time-limit', '--workers'],
    texts: ['--format'],
  },
  { args: ['explore', '--host', 'nowhere.invalid'], numbers: ['--port'], texts: [] },
  { args: ['schema'], numbers: [], texts: [] },
];

/** Paths that are no file that one should read. */
const PATHS = [
  '',
  '.',
  'folder',
  'folder/',
  'nowhere.yaml',
  '/dev/null',
  '/proc/self/mem',
  'profile.csv/x',
  's.yaml',
  'profile.csv',
  'sweep.yaml',
  'a\u0000b',
  '-',
  '--',
  '-x',
  '--unknown',
  '--format=',
];

type Change =
  | { readonly kind: 'number'; readonly at: number; readonly value: string }
  | { readonly kind: 'text'; readonly at: number; readonly value: string }
  | { readonly kind: 'argument'; readonly at: number; readonly value: string }
  | { readonly kind: 'drop' | 'twice'; readonly at: number };

const place = fc.nat(100);
const anyChange: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('number'),
      at: place,
      value: fc.oneof(
        { weight: 2, arbitrary: writtenNumber },
        { weight: 1, arbitrary: edgeNumber.map(String) },
        {
          weight: 3,
          arbitrary: fc.constantFrom('1', '2', '3', '0.5', '1.2', '0.001', '0.1', '80', '200'),
        },
      ),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('text'), at: place, value: hostileText }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('argument'),
      at: place,
      value: fc.constantFrom(...PATHS),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('drop', 'twice'), at: place }) },
);

function changedArguments({ args, numbers, texts }: Command, changes: readonly Change[]): string[] {
  return changes.reduce<string[]>(
    (list, change) => {
      const at = 1 + (change.at % Math.max(1, list.length - 1));
      switch (change.kind) {
        case 'number':
        case 'text': {
          const flags = change.kind === 'number' ? numbers : texts;
          const flag = flags[change.at % flags.length];
          if (flag === undefined) return list;
          const where = list.indexOf(flag);
          return where < 0 || where === list.length - 1
            ? [...list, flag, change.value]
            : list.with(where + 1, change.value);
        }
        case 'argument':
          return list.with(Math.min(at, list.length - 1), change.value);
        case 'drop':
          return list.toSpliced(at, 1);
        case 'twice':
          return list.toSpliced(at, 0, list[at] ?? '');
      }
    },
    [...args],
  );
}

/** Options and arguments of every command that ends by itself. */
export const options: FuzzTarget = {
  name: 'options',
  share: 10,
  inputs: () =>
    fc
      .tuple(fc.constantFrom(...COMMANDS), fc.array(anyChange, { minLength: 1, maxLength: 3 }))
      .map(([command, changes]) => changedArguments(command, changes))
      .filter((args) => !isUnbounded(args))
      .map((args) => commandLine(args, FILES)),
  outputs: ({ args }) => [...args.filter((_, k) => args[k - 1] === '--output'), 'results'],
  oracle: (input, ended) => (ended.code === 0 ? wrongOutput(input, ended) : undefined),
};

/** Ends only when stopped, or takes minutes because it was asked to: not for a fuzzer. */
function isUnbounded([name, ...rest]: readonly string[]): boolean {
  if (name === 'explore') return rest[1] !== 'nowhere.invalid' || rest[0] !== '--host';
  if (name === 'compare') return rest[1] !== 'nowhere.js';
  if (name === 'robustness') return rest[0] !== 'nowhere.js';
  if (name === 'reproduce') return rest[0] !== 'nothing';
  return false;
}

function wrongOutput(input: FuzzInput, ended: Ended): string | undefined {
  const { args } = input;
  const [name] = args;
  const isHelp = ended.out.startsWith('Usage:') || ended.out === '';
  if (isHelp) return undefined;
  const isJson = ended.out.startsWith('{');
  if (name === 'run' && isJson) return wrongRun(ended.out);
  if (name === 'plan' && ended.out.startsWith('time_s')) return wrongAnswer(input, ended);
  if (name === 'synth' && ended.out.includes('stage,')) return wrongSynth(input, ended);
  return firstOf([
    isJson && notFinite(JSON.parse(ended.out), new Set(['curveFit', 'estimate', 'balance']))[0],
    /\bNaN\b|Infinity|undefined|\[object /.exec(withoutNames(ended.out))?.[0],
  ]);
}
