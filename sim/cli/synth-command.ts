import { visibleLine } from '../../src/visible.js';
import { ProblemGathering } from '../../src/problem-list.js';
import { imbalanceRatio } from '../../src/profile/reshape.js';
import { PROFILED_KINDS, type StageProfile } from '../../src/profile/stage-profile.js';
import { milliseconds } from '../../src/units.js';
import { extrapolatedFields } from '../hardware/gpu-description.js';
import { synthesizeProfile, type SynthRequest } from '../hardware/synthesize.js';
import { SYNTHESIZED_COLUMN, synthErrors } from '../hardware/synthesized.js';
import { toCsv } from '../results/csv.js';
import { plainTable } from '../report/text/plain-table.js';
import { estimateNotes, profileNotes } from '../report/text/run-sentences.js';
import { CommandFiles } from './command-files.js';
import { OptionReader, type RawOptions } from './options.js';
import type { Terminal } from './terminal.js';

/** `pipewatt synth`: a stage profile of a model on a GPU that nobody profiled it on. */
export function synthCommand(options: RawOptions, terminal: Terminal): void {
  const reader = new OptionReader('synth', options);
  const format = reader.choice('--format', ['csv', 'table']);
  const modelName = reader.string('--model', 'a model of the catalog, or a .yaml file');
  const gpuName = reader.string('--gpu', 'a GPU of the catalog, or a .yaml file');
  const stages = reader.number('--stages', { min: 1, max: 2000, whole: true });
  const microbatch = reader.number('--microbatch', { min: 1, max: 1e6, whole: true });
  const tensorParallel = reader.number('--tensor-parallel', { min: 1, max: 1024, whole: true });
  const sequence = reader.optionalNumber('--sequence', { min: 1, max: 1e8, whole: true });
  const efficiency = reader.optionalNumber('--efficiency', { quantity: 'efficiency' });
  const files = new CommandFiles('synth', terminal);
  files.writes('--output', options['output']);
  const { model, gpu } = described(modelName, gpuName, stages, reader, files);
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
  const text = format === 'csv' ? profileCsv(profile, used) : profileTable(profile);
  const notes = [
    ...profileNotes(profile.notes),
    ...estimateNotes({
      ...synthErrors(synth),
      extrapolated: extrapolatedFields(gpu),
      efficiency: used,
    }),
  ];
  files.deliver(text, options['output']);
  // A CSV has no place for what a reader must know.
  terminal.err([...notes, `a GPU that waits: ${gpu.blockingPowerW.value} W`, ''].join('\n'));
}

/**
 * The model and the GPU that options name.
 * @throws InputError with all that is wrong with options, descriptions and the output.
 */
function described(
  modelName: string,
  gpuName: string,
  stages: number,
  reader: OptionReader,
  files: CommandFiles,
) {
  const gathering = new ProblemGathering();
  const where = (field: string) => ({ source: 'pipewatt synth', field });
  const model =
    modelName === ''
      ? undefined
      : gathering.attempt(() => files.library.model(modelName, where('--model')));
  const gpu =
    gpuName === ''
      ? undefined
      : gathering.attempt(() => files.library.gpu(gpuName, where('--gpu')));
  if (model !== undefined && stages > model.layers) {
    reader.complain('--stages', `found ${stages}, but ${model.name} has ${model.layers} blocks`);
  }
  const problems = new ProblemGathering();
  problems.attempt(() => {
    reader.finish();
  });
  problems.attempt(() => {
    gathering.throwIfAny();
  });
  problems.attempt(() => {
    files.checkOutputs();
  });
  problems.throwIfAny();
  return { model: model!, gpu: gpu! };
}

/** The last column tells whoever reads the profile that nobody measured it. */
function profileCsv({ stages }: StageProfile, efficiency: number): string {
  return toCsv(
    stages.flatMap((stage, s) =>
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
