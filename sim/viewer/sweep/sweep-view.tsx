import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import type { ChartStyle } from '../../report/charts/chart-style.js';
import { SCREEN_STYLE } from '../../report/charts/chart-style.js';
import { sweepChart } from '../../report/charts/sweep-chart.js';
import { sweepFrontier, sweepFrontierChart } from '../../report/charts/sweep-frontier.js';
import { parallelChart } from '../../report/charts/sweep-parallel.js';
import { bestPolicy } from '../../report/sweep/axes.js';
import type { ResultColumns } from '../../report/sweep/group-results.js';
import { wishedChoice, type SweepChoice, type SweepWish } from '../../report/sweep/sweep-choice.js';
import { rowsAt, sweepData, type SweepData } from '../../report/sweep/sweep-data.js';
import { choiceSentence } from '../../report/text/sweep-sentences.js';
import { ChartFigure } from '../chart-figure.js';
import { SweepControls } from './sweep-controls.js';

/** The figure that pictures show at first. */
const METRIC = 'simulated_saving_pct';

/** Charts of sweeps are as wide as a page: they have panels. */
const STYLE: ChartStyle = { ...SCREEN_STYLE, widthPx: 960 };

/** The results of a sweep: plain data, so that a report can hold them. */
export interface SweepViewProps {
  /** Runs that did not fail: fields that varied, policies, figures. */
  readonly columns: ResultColumns;
  readonly fields: readonly string[];
}

/**
 * Pictures of a sweep. With a script the reader chooses axes, figure, policy, and which runs are shown; without
 * one there are those that show the most.
 */
export function SweepView({ columns, fields }: SweepViewProps) {
  const [isLive, setIsLive] = useState(false);
  const [wish, setWish] = useState<SweepWish>({});
  const [kept, setKept] = useState<Readonly<Record<string, unknown>>>({});
  useEffect(() => {
    setIsLive(true);
  }, []);
  const all = useMemo(() => sweepData(columns, fields), [columns, fields]);
  const data = useMemo(
    () => (Object.keys(kept).length === 0 ? all : sweepData(rowsAt(columns, kept), fields)),
    [all, columns, fields, kept],
  );
  const preset = useMemo(() => ({ metric: METRIC, policy: bestPolicy(data.columns)! }), [data]);
  const kinds = isLive ? [wish.kind] : (['heat map', 'lines'] as const);
  const choices = kinds.flatMap((kind) => {
    const wished = kind === undefined ? wish : { ...wish, kind };
    return wishedChoice(data, wished, preset) ?? [];
  });
  const policy = choices[0]?.policy ?? preset.policy;
  return (
    <>
      {isLive && (
        <SweepControls
          {...{ all, data, kept, wish, setWish, setKept }}
          choice={choices[0]}
          policy={policy}
        />
      )}
      {choices.map((choice) => (
        <ChoiceFigure key={choice.kind} data={data} choice={choice} />
      ))}
      <RunFigures data={data} policy={policy} metric={wish.metric ?? METRIC} />
    </>
  );
}

function ChoiceFigure(props: { readonly data: SweepData; readonly choice: SweepChoice }) {
  const { data, choice } = props;
  const chart = useCallback((style: ChartStyle) => sweepChart(data, choice, style), [data, choice]);
  const sentence = choiceSentence(data, choice);
  return (
    <figure>
      <Scrolled>
        <ChartFigure chart={chart} label={sentence} style={STYLE} />
      </Scrolled>
      <figcaption>{sentence}</figcaption>
    </figure>
  );
}

/** A picture that is scrolled where a window is too narrow, by keyboard too. */
function Scrolled({ children }: { readonly children: ComponentChildren }) {
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label="Picture">
      {children}
    </div>
  );
}

interface RunFiguresProps {
  readonly data: SweepData;
  readonly policy: string;
  readonly metric: string;
}

/** All runs: by time and energy, and as lines over everything that varied. */
function RunFigures({ data, policy, metric }: RunFiguresProps) {
  const frontier = useMemo(() => sweepFrontier(data), [data]);
  const points = useCallback(
    (style: ChartStyle) => sweepFrontierChart(frontier, data.policies, style),
    [frontier, data],
  );
  const lines = useCallback(
    (style: ChartStyle) => parallelChart(data, policy, metric, style).chart,
    [data, policy, metric],
  );
  const { every } = useMemo(
    () => parallelChart(data, policy, metric, STYLE),
    [data, policy, metric],
  );
  const some = every === 1 ? 'Each line is a run' : `Each line is a run, one of about ${every}`;
  const told = `${some} of ${policy}: the fields that varied, then the figures; the darker, the more.`;
  const pointsTold = 'A point is a policy in a run; those that no other beats in both are joined.';
  return (
    <>
      {frontier.rows.length > 0 && (
        <figure>
          <Scrolled>
            <ChartFigure chart={points} label={pointsTold} style={STYLE} />
          </Scrolled>
          <figcaption>{pointsTold}</figcaption>
        </figure>
      )}
      {data.axes.length > 1 && (
        <figure>
          <Scrolled>
            <ChartFigure chart={lines} label={told} style={STYLE} />
          </Scrolled>
          <figcaption>{told}</figcaption>
        </figure>
      )}
    </>
  );
}
