import { FORWARD, RECOMPUTE, WEIGHT_GRADIENT } from '../../../src/profile/operation.js';
import type { Activity } from '../../training/phases.js';
import { fixed } from '../numbers.js';
import { CRITICAL_PART } from './critical-instructions.js';
import { ACTIVITIES, type Timeline } from './timeline-data.js';

/** An entry of the legend: a mark and its meaning. */
export interface LegendItem {
  readonly mark: 'power' | 'critical' | { readonly kind: number } | { readonly activity: Activity };
  readonly text: string;
}

/** The meanings of everything that a timeline shows, and of nothing else. */
export function legendItems(timeline: Timeline): LegendItem[] {
  return [
    ...powerItems(timeline),
    ...kindItems(timeline),
    ...activityItems(timeline),
    ...criticalItems(timeline),
  ];
}

function powerItems({ lowestW, highestW, isWithoutPowers }: Timeline): LegendItem[] {
  if (isWithoutPowers) return [];
  const text = `computing, ${fixed(lowestW, 0)} to ${fixed(highestW, 0)} W per GPU`;
  return [{ mark: 'power', text }];
}

function criticalItems({ pipelines }: Timeline): LegendItem[] {
  const isMarked = pipelines.some(({ lanes, columns }) =>
    [...lanes, ...columns].some(({ courses }) =>
      courses.some(({ critical }) => critical.includes(1)),
    ),
  );
  if (!isMarked) return [];
  return [{ mark: 'critical', text: `critical: less than ${100 * CRITICAL_PART} % to spare` }];
}

/** Kinds of instructions that are drawn alike, and their common name. */
const KINDS = [
  {
    kind: FORWARD,
    text: 'forward',
    isAlike: (kind: number) => kind === FORWARD || kind === RECOMPUTE,
  },
  {
    kind: FORWARD + 1,
    text: 'backward',
    isAlike: (kind: number) => ![FORWARD, RECOMPUTE, WEIGHT_GRADIENT].includes(kind),
  },
  {
    kind: WEIGHT_GRADIENT,
    text: 'gradient of weights',
    isAlike: (kind: number) => kind === WEIGHT_GRADIENT,
  },
];

/** Kinds, unless columns show several at once. */
function kindItems({ instructions, pipelines }: Timeline): LegendItem[] {
  if (pipelines.every(({ lanes }) => lanes.length === 0)) return [];
  return KINDS.filter(({ isAlike }) => instructions.some(({ kind }) => kind.some(isAlike))).map(
    ({ kind, text }) => ({ mark: { kind }, text }),
  );
}

function activityItems({ pipelines, slowest }: Timeline): LegendItem[] {
  const seen = new Set<string>(
    pipelines.flatMap(({ lanes, columns, summaries }) => [
      ...lanes.flatMap(({ activity }) => activity.map((k): string => ACTIVITIES[k]!)),
      ...(columns.length > 0 ? ['waiting for a stage'] : []),
      ...(columns.length > 0 && summaries.some(({ pipelineWaitPart }) => pipelineWaitPart > 0)
        ? ['waiting for a pipeline']
        : []),
    ]),
  );
  const texts: Readonly<Partial<Record<Activity, string>>> = {
    'waiting for a stage': 'waiting for a stage',
    'waiting for a pipeline': `waiting for ${slowest}`,
  };
  return ACTIVITIES.filter((activity) => activity !== 'computing' && seen.has(activity)).map(
    (activity) => ({ mark: { activity }, text: texts[activity] ?? activity }),
  );
}
