import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { projectFile } from '../support/files.js';

/** A scenario's fields, and the stage profile it names. */
export interface SmallScenario {
  readonly fields: Record<string, unknown>;
  readonly csv: string;
}

/**
 * The shipped scenarios cut down to two stages, four microbatches and a made-up profile, so that
 * each runs in milliseconds: everything else that they say stays.
 */
export function smallScenarios(): SmallScenario[] {
  const paths = readdirSync(projectFile('scenarios'), { recursive: true, encoding: 'utf8' });
  return paths
    .filter((path) => path.endsWith('.yaml') && !/^(catalog|sweeps|sites)/.test(path))
    .sort()
    .map((path) => cutDown(parse(readFileSync(projectFile(`scenarios/${path}`), 'utf8')) as Fields))
    .filter(({ fields }, k, all) => {
      const same = all.findIndex((other) => withoutName(other) === withoutName({ fields }));
      return same === k;
    });
}

type Fields = Record<string, unknown>;

const withoutName = ({ fields }: { readonly fields: Fields }) =>
  JSON.stringify({ ...fields, name: '', description: '' });

function cutDown(fields: Fields): SmallScenario {
  const { pipeline, pipelines, iterations, seeds, timing, imbalance, power } = fields as {
    pipeline: { chunks?: number };
    pipelines?: number;
    iterations?: number;
    seeds?: number;
    timing?: Fields;
    imbalance?: { factors?: number[]; layers?: Fields; partition?: unknown };
    power?: Fields;
  };
  const chunks = pipeline.chunks ?? 1;
  const stragglers = ((fields['stragglers'] ?? []) as Fields[]).map((straggler) => ({
    ...straggler,
    pipeline: Number(straggler['pipeline']) % 3,
    ...('stage' in straggler ? { stage: Number(straggler['stage']) % 2 } : {}),
    ...('link' in straggler ? { link: 0 } : {}),
    ...('clockLimitMHz' in straggler ? { clockLimitMHz: 1100 } : {}),
  }));
  const unused = new Set(['unitTimeS', 'scale', 'tensorParallel', 'description']);
  return {
    csv: profileCsv(2 * chunks),
    fields: {
      ...Object.fromEntries(Object.entries(fields).filter(([key]) => !unused.has(key))),
      profile: { csv: 'profile.csv', blockingPowerW: 80 },
      pipeline: { ...pipeline, stages: 2, microbatches: 4 },
      ...(pipelines === undefined ? {} : { pipelines: Math.min(pipelines, 3) }),
      ...(iterations === undefined ? {} : { iterations: Math.min(iterations, 3) }),
      ...(seeds === undefined ? {} : { seeds: Math.min(seeds, 2) }),
      ...(stragglers.length === 0 ? {} : { stragglers }),
      ...(timing === undefined ? {} : { timing: shortened(timing, 2) }),
      ...(imbalance === undefined ? {} : { imbalance: smallImbalance(imbalance, 2 * chunks) }),
      ...(power?.['jobLimitW'] === undefined ? {} : { power: { ...power, jobLimitW: 1300 } }),
      ...('clocks' in fields ? { clocks: smallClocks(fields['clocks'] as Fields) } : {}),
    },
  };
}

function shortened(timing: Fields, stages: number): Fields {
  return Object.fromEntries(
    Object.entries(timing).map(([key, value]) => [
      key,
      Array.isArray(value) ? value.slice(0, key === 'transferS' ? stages - 1 : stages) : value,
    ]),
  );
}

function smallImbalance(imbalance: { factors?: number[] } & Fields, count: number): Fields {
  if (imbalance.factors !== undefined) return { factors: imbalance.factors.slice(0, count) };
  return { ...imbalance, profiled: { stage: 0, blocks: 4 } };
}

function smallClocks(clocks: Fields): Fields {
  const { switchS } = clocks;
  return { lowestMHz: 900, stepMHz: 105, ...(switchS === undefined ? {} : { switchS }) };
}

/** Clocks of the made-up profile, in MHz. */
const CLOCKS = [1410, 1305, 1200, 1095, 990, 885];

/** A stage profile like those of real GPUs, each stage with a little more to do than the one before. */
export function profileCsv(stages: number): string {
  const rows = Array.from({ length: stages }, (_, stage) =>
    [1, 2].flatMap((kind) =>
      CLOCKS.map((frequencyMHz) => {
        const x = frequencyMHz / 1410;
        const timeS = 0.05 * kind * (1 + 0.1 * stage) * (0.3 + 0.7 / x);
        const energyJ = timeS * (120 + 280 * x ** 3);
        const name = kind === 1 ? 'forward' : 'backward';
        return `${stage},${name},${frequencyMHz},${timeS.toFixed(5)},${energyJ.toFixed(4)}`;
      }),
    ),
  );
  return ['stage,instruction,frequency,time,energy', ...rows.flat(), ''].join('\n');
}
