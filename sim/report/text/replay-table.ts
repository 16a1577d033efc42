import type { ReplayedEnergy, ReplayedPolicy } from '../../replay/replay-energy.js';
import type { ReplayError, TraceReplay } from '../../replay/replay-trace.js';
import { plainTable } from './plain-table.js';
import { wrapped } from './wrapped.js';

/** Steps that could not be replayed are named up to this many. */
const NAMED_STEPS = 5;

/** The findings of a replay, as text. At most 80 columns. */
export function replayTable(replay: TraceReplay, energy: ReplayedEnergy | undefined): string {
  return [
    ...wrapped(replay.source),
    replaySize(replay),
    '',
    textOf(stepTimeCells(replay)),
    '',
    `slowdown by stragglers: ${replay.slowdown.toFixed(3)}×, which is ${replay.wastePct.toFixed(1)} % of the GPU-hours`,
    '',
    textOf(whatIfCells(replay)),
    ...(energy === undefined ? [] : ['', textOf(energyCells(energy.policies))]),
    '',
    ...replayNotes(replay, energy).flatMap((note) => wrapped(note, '  ')),
    '',
  ].join('\n');
}

/** The headings and rows of a table; headings may have several lines. */
export interface TableCells {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

function textOf({ head, rows }: TableCells): string {
  return plainTable(head, rows);
}

/** Mean step times, and the errors of replays. */
export function stepTimeCells(replay: TraceReplay): TableCells {
  return {
    head: ['step time', 'mean\ns', 'error\nmean %', 'of a step\nworst %'],
    rows: [
      timeRow('recorded', replay.meanRecordedS),
      timeRow('replayed', replay.meanReplayedS, replay.replayedError),
      timeRow('replayed as published', replay.meanPublishedS, replay.publishedError),
    ],
  };
}

/** The what-ifs of a replay. */
export function whatIfCells({ whatIfs }: TraceReplay): TableCells {
  return {
    head: ['what if', 'step time\ns', 'saved\n%', 'of the\nslowdown %'],
    rows: whatIfs.map(({ name, stepTimeS, savedPct, recoveredPct }) => [
      name,
      stepTimeS.toFixed(4),
      savedPct.toFixed(2),
      recoveredPct === null ? '' : recoveredPct.toFixed(1),
    ]),
  };
}

/** The size of a traced job, in words. */
export function replaySize(replay: TraceReplay): string {
  const { pipelines, stages, modelStages, workers, steps } = replay;
  const parts = modelStages === stages ? '' : ` holding ${modelStages} parts of the model`;
  return `${pipelines} pipelines × ${stages} stages${parts}, ${workers} traced ranks, ${microbatches(replay)} microbatches, ${steps.length} steps`;
}

function microbatches({ microbatches: [fewest, most] }: TraceReplay): string {
  return fewest === most ? String(most) : `${fewest} to ${most}`;
}

function timeRow(name: string, meanS: number, error?: ReplayError): string[] {
  const errors = error === undefined ? ['', ''] : [error.meanPct, error.worstPct];
  return [
    name,
    meanS.toFixed(4),
    ...errors.map((pct) => (typeof pct === 'number' ? pct.toFixed(2) : pct)),
  ];
}

/** The energy that a traced job would have used under each policy. */
export function energyCells(policies: readonly ReplayedPolicy[]): TableCells {
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
  const head = [
    'policy',
    'step time\ns',
    'slower\n%',
    'energy\nMJ',
    'saved\n%',
    'of which\nintrinsic',
    '\nextrinsic',
  ];
  return { head, rows };
}

/** The meaning of the figures, and what is left out. */
export function replayNotes(replay: TraceReplay, energy: ReplayedEnergy | undefined): string[] {
  return [...notes(replay), ...energyNotes(energy)];
}

function notes(replay: TraceReplay): string[] {
  return [
    'A step is from its first start to its last end. replayed: recorded durations; transfers hold up sender and receiver, hosts are as late as they nearly always are (5 % quantile), and keep gaps in which nothing ran in the whole job.',
    'as published: hosts are never late, and transfers hold up only operations that need them. The slowdown and the what-ifs are compared with this. no stragglers: computations take the mean of their kind, exchanges the median.',
    ...[...replay.doubts, ...replay.leftOut].map((sentence) => `${sentence}.`),
    ...brokenNotes(replay),
  ];
}

function brokenNotes({ broken }: TraceReplay): string[] {
  const named = brokenSentences({ broken: broken.slice(0, NAMED_STEPS) });
  const more = broken.length - named.length;
  return [...named, ...(more > 0 ? [`${more} more steps are not replayed.`] : [])];
}

/** A sentence for every step that is not replayed. */
export function brokenSentences({ broken }: Pick<TraceReplay, 'broken'>): string[] {
  return broken.map(({ step, reason }) => `Step ${step} is not replayed: ${reason}.`);
}

function energyNotes(energy: ReplayedEnergy | undefined): string[] {
  if (energy === undefined) return [];
  const { gpu, gpusPerRank, blockingPowerW } = energy;
  return [
    `Energy is of all replayed steps, ${gpusPerRank} GPU${gpusPerRank === 1 ? '' : 's'} per traced rank. It assumes that recorded computations ran at the highest clock of GPUs whose time and power depend on the clock like those of ${gpu}, and that GPUs draw ${blockingPowerW} W otherwise.`,
    'perseus: every pipeline planned on the median times of its own stages, for each step’s slowest pipeline as if known in time. intrinsic: saved without knowing it.',
  ];
}

/** One row per step, units in the names. */
export function replayRows({ source, steps }: TraceReplay): Record<string, number | string>[] {
  return steps.map(({ step, recordedS, replayedS, publishedS, idealS }) => ({
    trace: source,
    step,
    recorded_s: recordedS,
    replayed_s: replayedS,
    error_pct: 100 * (replayedS / recordedS - 1),
    published_replay_s: publishedS,
    ideal_s: idealS,
    slowdown: publishedS / idealS,
  }));
}
