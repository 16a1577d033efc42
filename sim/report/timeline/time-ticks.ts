import { fewTicks } from '../charts/few-ticks.js';
import { textPx, type TimelineLayout } from './timeline-layout.js';

/** Most labels of a timeline's axis. */
const MOST_TICKS = 11;
/** The least gap between two labels. */
const GAP_EM = 1.5;
/** Room for labels right of the axis. */
const RIGHT_EM = 1;

/** A label of a timeline's axis. */
interface TimeTick {
  readonly timeS: number;
  /** Pixels from the beginning of the axis. */
  readonly x: number;
}

/**
 * Round times for the axis of a timeline. Their labels, centred, do not meet: they are apart by the widest
 * one, so that their number stays the same while the timeline is moved. A last one that would leave the
 * picture is left out.
 */
export function timeTicks(
  [fromS, untilS]: readonly [number, number],
  { fontPx, plotPx }: Pick<TimelineLayout, 'fontPx' | 'plotPx'>,
): TimeTick[] {
  const labelPx = (timeS: number) => textPx(String(timeS), fontPx);
  const perS = plotPx / (untilS - fromS);
  const areApart = (timesS: readonly number[]) => {
    const [first = fromS, second = Infinity] = timesS;
    return (second - first) * perS >= Math.max(...timesS.map(labelPx)) + GAP_EM * fontPx;
  };
  return fewTicks([fromS, untilS], MOST_TICKS, areApart)
    .map((timeS) => ({ timeS, x: (timeS - fromS) * perS }))
    .filter(({ timeS, x }) => x + labelPx(timeS) / 2 <= plotPx + RIGHT_EM * fontPx);
}
