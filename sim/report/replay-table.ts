import type { ReplayedPolicy } from '../studies/replay-energy.js';
import type { TraceReplay } from '../studies/replay-trace.js';
import { plainTable } from './plain-table.js';

/** Steps that could not be replayed are named up to this many. */
const NAMED_STEPS = 5;

/** What a replay found, for people. At most 120 columns. */
export function replayTable(
  replay: TraceReplay,
  energy: { readonly gpu: string; readonly policies: readonly ReplayedPolicy[] } | undefined,
): string {
  const { pipelines, stages, workers, microbatches, steps } = replay;
  return [
    `${replay.source}: ${pipelines} pipelines × ${stages} stages, ${workers} traced ranks, ${microbatches} microbatches, ${steps.length} steps`,
    '',
    `step time, mean    ${replay.meanRecordedS.toFixed(4)} s recorded, ${replay.meanReplayedS.toFixed(4)} s replayed`,
    `error of a step    ${replay.meanErrorPct.toFixed(2)} % mean, ${replay.worstErrorPct.toFixed(2)} % worst`,
    `slowdown           ${replay.slowdown.toFixed(3)}× the time without stragglers: ${replay.wastePct.toFixed(1)} % of the GPU-hours`,
    '',
    plainTable(
      ['what if', 'step time\ns', 'saved\n%'],
      replay.whatIfs.map(({ name, stepTimeS, savedPct }) => [
        name,
        stepTimeS.toFixed(4),
        savedPct.toFixed(2),
      ]),
    ),
    ...(energy === undefined ? [] : ['', energyTable(energy.policies)]),
    '',
    ...notes(replay, energy?.gpu).map((note) => `  ${note}`),
    '',
  ].join('\n');
}

function energyTable(policies: readonly ReplayedPolicy[]): string {
  const rows = policies.map((row) => {
    const compared = (value: number) => (row.policy === 'max-frequency' ? '' : value.toFixed(2));
    return [
      row.policy,
      row.meanStepTimeS.toFixed(4),
      compared(row.slowdownPct),
      (row.energyJ / 1e6).toFixed(3),
      compared(row.savingPct),
      compared(row.intrinsicPct),
      compared(row.extrinsicPct),
    ];
  });
  return plainTable(
    [
      'policy',
      'step time\ns',
      'slower\n%',
      'energy\nMJ',
      'saved\n%',
      'of which\nintrinsic',
      '\nextrinsic',
    ],
    rows,
  );
}

function notes({ broken, leftOutKinds }: TraceReplay, gpu: string | undefined): string[] {
  const named = broken.slice(0, NAMED_STEPS).map(({ step, reason }) => `step ${step}: ${reason}`);
  const more = broken.length - named.length;
  return [
    'A step is from its first operation to the end of its gradients’ reduction.',
    'no stragglers: every computation takes the mean of its kind, everything else the median.',
    ...(leftOutKinds.length === 0 ? [] : [`left out: ${leftOutKinds.join(', ')}`]),
    ...(broken.length === 0
      ? []
      : [
          `${broken.length} steps not replayed:`,
          ...named,
          ...(more > 0 ? [`and ${more} more`] : []),
        ]),
    ...(gpu === undefined
      ? []
      : [
          'energy: all steps, had the job run on GPUs whose time and power go with the clock as those of',
          `  ${gpu}.`,
          'perseus: every pipeline planned on its own median times, for each step’s slowest one as if known in time.',
        ]),
  ];
}

/** One row per step, units in the names. */
export function replayRows({ source, steps }: TraceReplay): Record<string, number | string>[] {
  return steps.map(({ step, recordedS, replayedS }) => ({
    trace: source,
    step,
    recorded_s: recordedS,
    replayed_s: replayedS,
    error_pct: 100 * (replayedS / recordedS - 1),
  }));
}
