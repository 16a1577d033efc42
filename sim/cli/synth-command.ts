import { visibleLine } from '../../src/visible.js';
import { ProblemGathering } from '../../src/problem-list.js';
import { imbalanceRatio } from '../../src/profile/reshape.js';
import { PROFILED_KINDS, type StageProfile } from '../../src/profile/stage-profile.js';
import { milliseconds } from '../../src/units.js';
import { extrapolatedFields } from '../hardware/gpu-description.js';
import { synthesizeProfile, type SynthRequest } from '../hardware/synthesize.js';
import { SYNTHESIZED_COLUMN, synthErrors } from '../hardware/synthesized.js';
import { plainTable } from '../report/text/plain-table.js';
import { estimateNotes, profileNotes } from '../report/text/run-sentences.js';
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
  const sequence = options.get('--sequence');
  const efficiency = options.get('--efficiency');
  const output = options.get('--output');
  const files = new CommandFiles(call);
  files.writes('--output', output);
  const { model, gpu } = described(modelName, gpuName, stages, options, files);
  const request: SynthRequest = {
    model,
    gpu,
    stages,
    microbatch,
    tensorParallel,
    ...(sequence === undefined ? {} : { sequence }),
    ...(efficiency === undefined ? {} : { efficiency }),
  };
  const synth = files.library.synthModel();
  const profile = synthesizeProfile(request, synth, { source: 'pipewatt synth' });
  const used = efficiency ?? synth.efficiency.forward;
  const text = await printed(format, {
    csv: () => profileRows(profile, used),
    table: () => profileTable(profile),
  });
  const notes = [
    ...profileNotes(profile.notes),
    ...estimateNotes({
      ...synthErrors(synth),
      extrapolated: extrapolatedFields(gpu),
      efficiency: used,
    }),
  ];
  files.deliver(text, output);
  // A CSV has no place for these notes.
  terminal.err([...notes, `a GPU that waits: ${gpu.blockingPowerW.value} W`, ''].join('\n'));
}

/**
 * The model and the GPU that options name.
 * @throws InputError with all problems of options, descriptions and the output.
 */
function described(
  modelName: string,
  gpuName: string,
  stages: number,
  options: OptionReader<typeof declared>,
  files: CommandFiles,
) {
  const gathering = new ProblemGathering();
  const model =
    modelName === ''
      ? undefined
      : gathering.attempt(() => files.library.model(modelName, options.at('--model')));
  const gpu =
    gpuName === ''
      ? undefined
      : gathering.attempt(() => files.library.gpu(gpuName, options.at('--gpu')));
  if (model !== undefined && stages > model.layers) {
    options.complain('--stages', `found ${stages}, but ${model.name} has ${model.layers} blocks`);
  }
  const problems = options.gathered();
  problems.attempt(() => {
    gathering.throwIfAny();
  });
  files.checkOutputs(problems);
  problems.throwIfAny();
  return { model: model!, gpu: gpu! };
}

/** The last column tells readers that the profile was not measured. */
function profileRows({ stages }: StageProfile, efficiency: number): CsvRow[] {
  return stages.flatMap((stage, s) =>
    PROFILED_KINDS.flatMap((instruction) =>
      stage[instruction].map(({ frequencyMHz, timeS, energyJ }) => ({
        stage: s,
        instruction,
        frequency: frequencyMHz,
        time: timeS,
        energy: energyJ,
        [SYNTHESIZED_COLUMN]: efficiency,
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
  return `${visibleLine(profile.source)}; slowest stage over fastest ${ratio}\n\n${plainTable(head, rows)}\n`;
}
