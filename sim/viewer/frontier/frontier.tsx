import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { most } from '../../../src/extremes.js';
import type { PinnedPlan } from '../../report/charts/frontier-chart.js';
import { energyUnit, fixed, type EnergyUnit } from '../../report/numbers.js';
import { ChartFigure } from '../chart-figure.js';
import type { ShownFrontier } from '../shown-run.js';
import { useWidth } from '../timeline/use-width.js';
import { DeadlineDrag } from './deadline-drag.js';
import { draggedCurve } from './dragged-curve.js';
import { frontierFigure, frontierLayout } from './frontier-layout.js';

/** The width that is drawn before that of the page is known. */
const INITIAL_PX = 640;
/** Narrower charts would be unreadable. */
const LEAST_PX = 300;

/** The time–energy frontier of one pipeline, on which a deadline is dragged; without a script, the curves alone. */
export function Frontier({
  frontier,
  pinned,
}: {
  readonly frontier: ShownFrontier;
  /** A plan to compare with, of another run. */
  readonly pinned?: PinnedPlan | undefined;
}) {
  const place = useRef<HTMLDivElement>(null);
  const [isLive, setLive] = useState(false);
  useLayoutEffect(() => {
    setLive(true);
  }, []);
  const widthPx = Math.max(LEAST_PX, useWidth(place, INITIAL_PX));
  const chart = useMemo(
    () => frontierFigure(frontier, widthPx, pinned),
    [frontier, widthPx, pinned],
  );
  const curve = useMemo(() => draggedCurve(frontier), [frontier]);
  const unit = energyUnit(most(frontier.policies.map(({ chosen }) => chosen.energyJ)));
  return (
    <div ref={place} class="frontier">
      <ChartFigure
        chart={chart}
        label={pinned === undefined ? LABEL : `${LABEL}; ${pinnedText(pinned, unit)}`}
      />
      {isLive && curve !== undefined && (
        <DeadlineDrag {...{ curve, unit }} layout={frontierLayout(chart, unit)} />
      )}
    </div>
  );
}

/** `pinned: perseus, 56.041 s, 0.844 MJ` */
function pinnedText({ policy, timeS, energyJ }: PinnedPlan, { joules, name }: EnergyUnit): string {
  return `pinned: ${policy}, ${fixed(timeS, 3)} s, ${fixed(energyJ / joules, 3)} ${name}`;
}

const LABEL = 'Energy over iteration time: the possible plans of each policy for one pipeline';
