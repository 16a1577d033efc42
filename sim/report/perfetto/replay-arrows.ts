import type { StepGraph } from '../../replay/step-graph.js';
import type { Arrow } from '../replay/arrows.js';
import type { PlacedOperation, PlacedStep } from './replay-places.js';
import type { ReplayThreads } from './replay-threads.js';
import { traceMicroseconds, type TraceEvent } from './trace-events.js';

/** Viewers keep whole nanoseconds: a time in a slice is this many ticks before its end at least. */
const INSIDE_TICKS = 2;

/**
 * Both ends of each arrow. It leaves as late as it can and arrives as early as it can, so it is upright where
 * two wait for each other. One that would go back in time, because clocks of hosts differ, is left out.
 *
 * @param first the number of arrows before these.
 */
export function* stepArrows(
  threads: ReplayThreads,
  graph: StepGraph,
  { course, byOperation }: PlacedStep,
  arrows: readonly Arrow[],
  first: number,
): Generator<TraceEvent> {
  let id = first;
  const placeOf = (operation: PlacedOperation) =>
    threads.of(course.name, graph.workers[operation.worker]!, operation).place;
  for (const { from, to, kind } of arrows) {
    const [giver, taker] = [byOperation[from]!, byOperation[to]!];
    const leavesTick = within(giver, taker.fromTick);
    const arrivesTick = within(taker, leavesTick);
    if (arrivesTick < leavesTick) continue;
    id++;
    const common = { id, name: kind, cat: 'handover' };
    yield { ph: 's', ...placeOf(giver), ...common, ts: traceMicroseconds(leavesTick) };
    yield { ph: 'f', bp: 'e', ...placeOf(taker), ...common, ts: traceMicroseconds(arrivesTick) };
  }
}

/** The tick of an operation that is nearest to another. */
function within({ fromTick, untilTick }: PlacedOperation, tick: number): number {
  return Math.max(fromTick, Math.min(tick, untilTick - INSIDE_TICKS));
}
