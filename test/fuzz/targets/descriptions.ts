import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { projectFile } from '../../support/files.js';
import type { FuzzInput } from '../fuzz-input.js';
import { mutated, treeMutation } from '../mutate-tree.js';
import { mutatedFile, textMutation } from '../mutate-text.js';
import { csvRows, firstOf, type Ended, withoutNames } from '../oracle.js';
import { wrongRun } from '../run-oracle.js';
import { commandLine, type FuzzTarget } from '../target.js';

const shipped = (path: string) => readFileSync(projectFile(`scenarios/catalog/${path}`), 'utf8');
const gpus = ['a40', 'h100-sxm', 'mi300x'].map((name) => shipped(`gpus/${name}.yaml`));
const models = ['llama-3-8b', 'gpt3-2.7b', 'mixtral-8x7b'].map((name) =>
  shipped(`models/${name}.yaml`),
);

/** A file whose fields or text are changed. */
function changed(text: string): fc.Arbitrary<string | Uint8Array | null> {
  return fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .array(treeMutation, { minLength: 1, maxLength: 2 })
        .map((changes) =>
          stringify(mutated(parse(text), changes), { aliasDuplicateObjects: false }),
        ),
    },
    {
      weight: 1,
      arbitrary: fc
        .array(textMutation, { minLength: 1, maxLength: 2 })
        .map((changes) => mutatedFile(text, changes)),
    },
  );
}

const anyFiles = fc
  .tuple(fc.constantFrom(...gpus), fc.constantFrom(...models), fc.boolean())
  .chain(([gpu, model, isGpu]) =>
    changed(isGpu ? gpu : model).map((file) => ({
      'gpu.yaml': isGpu ? file : gpu,
      'model.yaml': isGpu ? model : file,
    })),
  );

const SYNTH = [
  'synth',
  '--model',
  'model.yaml',
  '--gpu',
  'gpu.yaml',
  '--stages',
  '2',
  '--microbatch',
  '1',
];

/** GPUs and models in files of the user's. */
export const descriptions: FuzzTarget = {
  name: 'GPU and model files',
  share: 6,
  inputs: () =>
    fc
      .tuple(fc.constantFrom(SYNTH, [...SYNTH, '--format', 'table']), anyFiles)
      .map(([args, files]) => commandLine(args, files)),
  oracle: (input, ended) => (ended.code === 0 ? wrongSynth(input, ended) : undefined),
};

/** No board draws more, or takes longer for a microbatch of a stage. */
const HIGHEST_BOARD_W = 3000;
const LONGEST_S = 1e5;

export function wrongSynth({ args }: FuzzInput, { out }: Ended): string | undefined {
  if (args.includes('table')) return /\bNaN\b|Infinity|undefined/.exec(withoutNames(out))?.[0];
  const rows = csvRows(out.replace(/^#.*\n/gm, ''));
  if (rows.length < 4) return `${rows.length} rows`;
  return firstOf(
    rows.map(({ frequency, time, energy }) => {
      const [clockMHz, timeS, energyJ] = [frequency, time, energy].map(Number) as [
        number,
        number,
        number,
      ];
      if (!(clockMHz >= 50 && clockMHz <= 10_000)) return `a clock of ${clockMHz} MHz`;
      if (!(timeS > 0 && timeS < LONGEST_S)) return `an instruction of ${timeS} s`;
      const powerW = energyJ / timeS;
      return !(powerW >= 1 && powerW <= HIGHEST_BOARD_W) && `a GPU draws ${powerW} W`;
    }),
  );
}

const scenario = stringify({
  name: 'entry',
  profile: { catalog: 'fuzzed' },
  pipeline: { stages: 8, microbatches: 3 },
  pipelines: 2,
  stragglers: [{ pipeline: 0, slowdown: 1.1 }],
});

/** Entries of the catalog of fitted curves. */
export const catalogEntries: FuzzTarget = {
  name: 'catalog entries',
  share: 4,
  inputs: () =>
    changed(shipped('bloom-176b-a40.yaml')).map((entry): FuzzInput => ({
      call: 'catalog',
      args: [],
      files: { 's.yaml': scenario, 'fuzzed.yaml': entry },
    })),
  oracle: (_, { code, out }) => (code === 0 ? wrongRun(out) : undefined),
};
