import { axisFy, axisX, axisY, gridY, pointer, rect, text, tip } from '@observablehq/plot';
import { most } from '../../../src/extremes.js';
import type { KeptRun } from '../../run/kept-run.js';
import { policyLooks } from '../looks.js';
import { count, fixed } from '../numbers.js';
import type { Chart } from './chart.js';
import { framed, SCREEN_STYLE, verticalTitle, type ChartStyle } from './chart-style.js';
import { numberScale } from './number-scale.js';

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

/** The part of a stage's room that its widest bar takes. */
const WIDEST = 0.9;

/** The height of a policy's panel, in ems. */
const PANEL_EM = 9;

/**
 * The clocks of every stage, a panel for each policy: the wider a bar, the more of its computing time the
 * stage runs at that clock.
 */
export function clockChart(shares: readonly ClockShare[], style: ChartStyle = SCREEN_STYLE): Chart {
  const policies = [...new Set(shares.map(({ policy }) => policy))];
  const looks = policyLooks(policies);
  const stages = 1 + most(shares.map(({ stage }) => stage));
  const clocksMHz = [...new Set(shares.map(({ frequencyMHz }) => frequencyMHz))].sort(
    (a, b) => a - b,
  );
  const y = numberScale(clocksMHz, { label: 'clock (MHz)', margin: 0.1 });
  const half = barHeight(y.scale.domain as readonly number[]) / 2;
  const place = {
    fy: 'policy',
    x1: ({ stage, sharePct }: ClockShare) => stage - (WIDEST / 2) * (sharePct / 100),
    x2: ({ stage, sharePct }: ClockShare) => stage + (WIDEST / 2) * (sharePct / 100),
  };
  const frame = framed(style, {
    heightPx: (PANEL_EM * policies.length + 6.5) * style.fontPx,
    leftChars: y.labelChars,
    topPx: 1.5 * style.fontPx,
  });
  return {
    ...frame,
    x: { domain: [-0.5, stages - 0.5], label: `stage (${count(stages, 'stage')})` },
    y: { ...y.scale, label: null },
    fy: { domain: policies, label: null, padding: 0.2 },
    marks: [
      verticalTitle(y.label, style, frame, 3),
      gridY({ tickSpacing: 2.5 * style.fontPx }),
      axisX(stageTicks(stages, style), { tickFormat: 'd' }),
      axisY({ tickSpacing: 2.5 * style.fontPx }),
      axisFy({ text: null }),
      text(policies, {
        ...{ fy: (policy: string) => policy, frameAnchor: 'top-left', dy: -1.1 * style.fontPx },
        fontWeight: 600,
        text: (policy: string) => policy,
      }),
      ...policies.map((policy, k) =>
        rect(
          shares.filter((share) => share.policy === policy),
          {
            ...place,
            y1: ({ frequencyMHz }: ClockShare) => frequencyMHz - half,
            y2: ({ frequencyMHz }: ClockShare) => frequencyMHz + half,
            fill: looks[k]!.colour.light,
          },
        ),
      ),
      tip(shares, pointer({ fy: 'policy', x: 'stage', y: 'frequencyMHz', title: shareText })),
    ],
  };
}

/** A bar is this part of the axis high, so that neighbouring clocks can be told apart. */
function barHeight([from, until]: readonly number[]): number {
  return (until! - from!) / 24;
}

/** Labels of stages, as many as there is room for. */
function stageTicks(stages: number, { widthPx, fontPx }: ChartStyle): number[] {
  const every = Math.ceil((stages * 2 * fontPx) / widthPx);
  return Array.from({ length: Math.ceil(stages / every) }, (_, k) => k * every);
}

function shareText({ policy, stage, frequencyMHz, sharePct }: ClockShare): string {
  return `${policy}, stage ${stage}\n${frequencyMHz} MHz: ${fixed(sharePct, 1)} % of computing time`;
}
