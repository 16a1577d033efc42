import fc from 'fast-check';
import { stringify } from 'yaml';
import { mutated, treeMutation } from '../mutate-tree.js';
import { mutatedFile, textMutation } from '../mutate-text.js';
import { csvRows, firstOf, isClose, type Oracle } from '../oracle.js';
import { profileCsv } from '../small-scenarios.js';
import { commandLine, type FuzzTarget } from '../target.js';
import { keptSmall } from './scenarios.js';

const JOB = {
  name: 'job',
  profile: { csv: 'profile.csv', blockingPowerW: 80 },
  pipeline: { stages: 2, microbatches: 2 },
  unitTimeS: 0.001,
  pipelines: 2,
  site: { mw: 0.01, pue: 1.2, overheadWPerGpu: 100, globalBatch: 'fixed', gpus: 40 },
};

const SITE = {
  name: 'site',
  site: { mw: 0.0045, pue: 1.1, overheadWPerGpu: 100 },
  jobs: [
    { scenario: 'job.yaml', name: 'a', weight: 3, leastSpeed: 0.5 },
    { scenario: 'job.yaml', name: 'b', pipelines: 1, priority: 1, policy: 'zeus-global' },
  ],
};

const changed = (tree: Record<string, unknown>) =>
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc
        .array(treeMutation, { minLength: 1, maxLength: 2 })
        .map((changes) =>
          stringify(keptSmall(mutated(tree, changes)), { aliasDuplicateObjects: false }),
        ),
    },
    {
      weight: 1,
      arbitrary: fc
        .array(textMutation, { minLength: 1, maxLength: 2 })
        .map((changes) => mutatedFile(stringify(tree), changes)),
    },
  );

/** The site draws no more than its megawatts, and no job is slower than its floor. */
const fits: Oracle = (_, { code, out }) => {
  if (code !== 0) return undefined;
  const strange = /\bNaN\b|Infinity|\bundefined\b|\[object /.exec(out)?.[0];
  const rows = csvRows(out);
  return firstOf([
    strange,
    ...rows.map(({ speed, least_speed: least }) => {
      if (speed === undefined || isClose(Number(speed), Number(least), 1e-9)) return undefined;
      return Number(speed) < Number(least) && `a speed of ${speed}, below ${least!}`;
    }),
    ...rows.map(({ gpus, pipelines }) => {
      if (gpus === undefined || gpus === '' || !(Number(gpus) < Number(pipelines)))
        return undefined;
      return `${gpus} GPUs of ${pipelines!} pipelines`;
    }),
  ]);
};

/** Scenarios with megawatts, and sites with jobs. */
export const sites: FuzzTarget = {
  name: 'sites',
  share: 3,
  inputs: () =>
    fc
      .oneof(
        changed(SITE).map((text) => ({ 'site.yaml': text, 'job.yaml': stringify(JOB) })),
        changed(JOB).map((text) => ({ 'site.yaml': text })),
      )
      .map((files) =>
        commandLine(['site', 'site.yaml', '--format', 'csv'], {
          ...files,
          'profile.csv': profileCsv(2),
        }),
      ),
  oracle: fits,
};
