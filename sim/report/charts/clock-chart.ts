import type { TopLevelSpec } from 'vega-lite';
import type { KeptRun } from '../../run/kept-run.js';
import { numberAxis } from './number-axis.js';
import { policyChannels } from './policy-channels.js';

/** The share of a stage's computing time at one clock. */
export interface ClockShare {
  readonly policy: string;
  readonly stage: number;
  readonly frequencyMHz: number;
  /** Of the stage's computing time in all pipelines, percent. */
  readonly sharePct: number;
}

/** Clocks of every stage in the iteration that pictures show, all pipelines. */
export function clockShares({ setting, policies }: KeptRun): ClockShare[] {
  const { dag } = setting;
  return policies.flatMap(({ policy, shown }) => {
    const timesS = Array.from({ length: dag.stageCount }, () => new Map<number, number>());
    for (const { executed } of shown.record.pipelines) {
      dag.stage.forEach((stage, i) => {
        const ofStage = timesS[stage]!;
        const clock = executed.clockMHz[i]!;
        ofStage.set(
          clock,
          (ofStage.get(clock) ?? 0) + executed.durationS[i]! - executed.stallS[i]!,
        );
      });
    }
    return timesS.flatMap((ofStage, stage) => {
      const totalS = [...ofStage.values()].reduce((sum, timeS) => sum + timeS, 0);
      return [...ofStage]
        .sort(([a], [b]) => a - b)
        .map(([frequencyMHz, timeS]) => ({
          policy,
          stage,
          frequencyMHz,
          sharePct: (100 * timeS) / totalS,
        }));
    });
  });
}

/** Most stages drawn: more panels would be unreadable. */
const MOST_STAGES = 16;

/** A histogram of clocks for every stage: the part of its computing time at each. */
export function clockChart(shares: readonly ClockShare[]): TopLevelSpec {
  const policies = [...new Set(shares.map(({ policy }) => policy))];
  const drawn = shares.filter(({ stage }) => stage < MOST_STAGES);
  const clocksMHz = drawn.map(({ frequencyMHz }) => frequencyMHz);
  return {
    data: { values: drawn.map((share) => ({ ...share, stage: `stage ${share.stage}` })) },
    facet: { field: 'stage', type: 'nominal', title: null, sort: null },
    columns: 4,
    spec: {
      width: 190,
      height: 90,
      mark: { type: 'bar', width: 4, opacity: 0.8 },
      encoding: {
        x: {
          field: 'frequencyMHz',
          ...numberAxis(clocksMHz, { title: 'clock (MHz)', tickCount: 4, padding: 6 }),
        },
        y: {
          field: 'sharePct',
          type: 'quantitative',
          title: 'computing time (%)',
          stack: null,
          axis: { tickCount: 3 },
        },
        color: policyChannels(policies).color,
      },
    },
  };
}
