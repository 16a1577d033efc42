import { imbalanceRatio } from '../../src/profile/reshape.js';
import { PROFILED_KINDS, type StageProfile } from '../../src/profile/stage-profile.js';
import { milliseconds } from '../../src/units.js';
import { extrapolatedFields } from '../hardware/gpu-description.js';
import { synthesizeProfile, type SynthRequest } from '../hardware/synthesize.js';
import { SYNTHESIZED_COLUMN, synthErrors } from '../hardware/synthesized.js';
import { toCsv } from '../report/csv.js';
import { plainTable } from '../report/plain-table.js';
import { estimateNotes, profileNotes } from '../report/run-sentences.js';
import { LIBRARY } from './catalog-files.js';
import { checkWritable, writeUserFile } from './files.js';
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
  reader.finish();
  const model = LIBRARY.model(modelName, { source: 'pipewatt synth', field: '--model' });
  const gpu = LIBRARY.gpu(gpuName, { source: 'pipewatt synth', field: '--gpu' });
  if (stages > model.layers) {
    reader.complain('--stages', `found ${stages}, but ${model.name} has ${model.layers} blocks`);
    reader.finish();
  }
  const request: SynthRequest = {
    model,
    gpu,
    stages,
    microbatch,
    tensorParallel,
    ...(sequence === undefined ? {} : { sequence }),
    ...(efficiency === undefined ? {} : { efficiency }),
  };
  const synth = LIBRARY.synthModel();
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
  write(text, options['output'], terminal);
  // A CSV has no place for what a reader must know.
  terminal.err([...notes, `a GPU that waits: ${gpu.blockingPowerW.value} W`, ''].join('\n'));
}

function write(text: string, output: string | undefined, terminal: Terminal): void {
  if (output === undefined) {
    terminal.out(text);
    return;
  }
  checkWritable(output);
  writeUserFile(output, text);
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
  return `${profile.source}; slowest stage over fastest ${ratio}\n\n${plainTable(head, rows)}\n`;
}
