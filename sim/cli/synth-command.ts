import { ProblemGathering } from '../../src/problem-list.js';
import { imbalanceRatio } from '../../src/profile/reshape.js';
import { PROFILED_KINDS, type StageProfile } from '../../src/profile/stage-profile.js';
import { milliseconds } from '../../src/units.js';
import { BY_OPERATORS, SYNTHESIZED_COLUMN } from '../hardware/synthesized.js';
import { estimateNotes } from '../report/text/estimate-sentences.js';
import { plainTable } from '../report/text/plain-table.js';
import { profileNotes } from '../report/text/run-sentences.js';
import { wrapped } from '../report/text/wrapped.js';
import type { Estimate } from '../scenario/estimate.js';
import {
  modelledParts,
  modelledProfile,
  type ModelledProfile,
  type ModelledRequest,
  type PlaceOf,
} from '../scenario/modelled-profile.js';
import { CommandFiles } from './command-files.js';
import type { Call } from './declare.js';
import { printed, type CsvRow } from './formats.js';
import { OptionReader } from './options.js';
import type { synth as declared } from './synth-options.js';

/** `pipewatt synth`: a stage profile of a model on a GPU, without measurements of both. */
export async function synthCommand(call: Call<typeof declared>): Promise<void> {
  const { terminal } = call;
  const options = new OptionReader(call);
  const format = options.get('--format');
  const modelName = options.get('--model');
  const gpuName = options.get('--gpu');
  const stages = options.get('--stages');
  const microbatch = options.get('--microbatch');
  const tensorParallel = options.get('--tensor-parallel');
  const precision = options.get('--precision');
  const recompute = options.get('--recompute');
  const output = options.get('--output');
  const asked = {
    ...{ model: modelName, gpu: gpuName, stages, microbatch, tensorParallel },
    pipelines: options.get('--pipelines'),
    sequence: options.get('--sequence'),
    contextParallel: options.get('--context-parallel'),
    expertParallel: options.get('--expert-parallel'),
    // Defaults may stand beside an efficiency.
    precision: precision === 'bf16' ? undefined : precision,
    recompute: recompute === 'none' ? undefined : recompute,
    sequenceParallel: options.get('--no-sequence-parallel') ? false : undefined,
    efficiency: options.get('--efficiency'),
  };
  const files = new CommandFiles(call);
  files.writes('--output', output);
  const { profile, estimate, blockingPowerW } = made(asked, options, files);
  const text = await printed(format, {
    csv: () => profileRows(profile, estimate),
    table: () => profileTable(profile),
  });
  files.deliver(text, output);
  // A CSV has no place for these notes.
  const waitingW = Number(blockingPowerW.toPrecision(6));
  terminal.err(
    [
      ...profileNotes(profile.notes),
      ...estimateNotes(estimate),
      `a GPU that waits: ${waitingW} W`,
      '',
    ].join('\n'),
  );
}

/** Flags of the fields of a request. */
const FLAGS = {
  model: '--model',
  gpu: '--gpu',
  stages: '--stages',
  modelStages: '--stages',
  microbatch: '--microbatch',
  tensorParallel: '--tensor-parallel',
  pipelines: '--pipelines',
  sequence: '--sequence',
  precision: '--precision',
  recompute: '--recompute',
  contextParallel: '--context-parallel',
  expertParallel: '--expert-parallel',
  sequenceParallel: '--no-sequence-parallel',
  efficiency: '--efficiency',
} as const satisfies Record<keyof ModelledRequest, string>;

/**
 * The profile that options ask for.
 * @throws InputError with all that is wrong with options, descriptions and the output.
 */
function made(
  asked: ModelledRequest,
  options: OptionReader<typeof declared>,
  files: CommandFiles,
): ModelledProfile {
  const at: PlaceOf = (field) => options.at(FLAGS[field]);
  const gathering = new ProblemGathering();
  const parts = gathering.attempt(() =>
    modelledParts(
      {
        model: () => (asked.model === '' ? undefined : asked.model),
        gpu: () => (asked.gpu === '' ? undefined : asked.gpu),
        stages: () => asked.stages,
      },
      files.library,
      at,
    ),
  );
  const problems = options.gathered();
  problems.attempt(() => {
    gathering.throwIfAny();
  });
  files.checkOutputs(problems);
  problems.throwIfAny();
  return modelledProfile(asked, parts!, files.library, at);
}

/** The last column tells readers that the profile was not measured. */
function profileRows({ stages }: StageProfile, estimate: Estimate): CsvRow[] {
  const law = estimate.law === 'operators' ? BY_OPERATORS : estimate.efficiency;
  return stages.flatMap((stage, s) =>
    PROFILED_KINDS.flatMap((instruction) =>
      stage[instruction].map(({ frequencyMHz, timeS, energyJ }) => ({
        stage: s,
        instruction,
        frequency: frequencyMHz,
        time: timeS,
        energy: energyJ,
        [SYNTHESIZED_COLUMN]: law,
      })),
    ),
  );
}

function profileTable(profile: StageProfile): string {
  const rows = profile.stages.flatMap((stage, s) =>
    PROFILED_KINDS.map((kind) => {
      const [top, lowest] = [stage[kind][0]!, stage[kind].at(-1)!];
      return [
        String(s),
        kind,
        String(top.frequencyMHz),
        milliseconds(top.timeS).toFixed(2),
        (top.energyJ / top.timeS).toFixed(0),
        String(lowest.frequencyMHz),
        milliseconds(lowest.timeS).toFixed(2),
        (lowest.energyJ / lowest.timeS).toFixed(0),
      ];
    }),
  );
  const head = [
    'stage',
    'instruction',
    'highest\nMHz',
    'time\nms',
    'power\nW',
    'lowest\nMHz',
    'time\nms',
    'power\nW',
  ];
  const ratio = imbalanceRatio(profile).toFixed(3);
  const about = wrapped(`${profile.source}; slowest stage over fastest ${ratio}`);
  return [...about, '', plainTable(head, rows), ''].join('\n');
}
