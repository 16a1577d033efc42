import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { atRest, closerPolicy, type Moment } from '../../report/timeline/moment.js';

/** The time that a change takes. */
const MORPH_MS = 600;

/** A timeline's change from one policy to another. */
export interface Morph {
  readonly moment: Moment;
  /** The policy that it changes to, or is closer to. */
  readonly aim: number;
  /** Changes to a policy, in little steps unless the reader prefers less motion. */
  readonly goTo: (policy: number) => void;
  /** Shows a moment between the first policy and another one. */
  readonly hold: (to: number, part: number) => void;
}

/**
 * @param initial the policy shown at the beginning.
 * @param goal the policy to change to, whenever it is another one.
 */
export function useMorph(initial: number, goal?: number): Morph {
  const [moment, setMoment] = useState<Moment>(() => atRest(initial));
  const [aim, setAim] = useState(initial);
  const shown = useRef(moment);
  const frame = useRef<number | undefined>(undefined);
  const show = useCallback((next: Moment) => {
    shown.current = next;
    setMoment(next);
  }, []);
  const stop = useCallback(() => {
    if (frame.current !== undefined) cancelAnimationFrame(frame.current);
    frame.current = undefined;
  }, []);
  useEffect(() => stop, [stop]);
  const goTo = useCallback(
    (policy: number) => {
      stop();
      setAim(policy);
      if (matchMedia('(prefers-reduced-motion: reduce)').matches) {
        show(atRest(policy));
        return;
      }
      const { from, to, part } = towards(shown.current, policy);
      let beginMs: number | undefined;
      const step = (nowMs: number) => {
        beginMs ??= nowMs;
        const passed = Math.min(1, (nowMs - beginMs) / (MORPH_MS * Math.max(1 - part, 0.3)));
        if (passed < 1) {
          show({ from, to, part: part + (1 - part) * eased(passed) });
          frame.current = requestAnimationFrame(step);
        } else show(atRest(policy));
      };
      frame.current = requestAnimationFrame(step);
    },
    [show, stop],
  );
  const reached = useRef(initial);
  useEffect(() => {
    if (goal === undefined || goal === reached.current) return;
    reached.current = goal;
    goTo(goal);
  }, [goal, goTo]);
  const hold = useCallback(
    (to: number, part: number) => {
      stop();
      setAim(part < 0.5 ? 0 : to);
      show(part === 0 ? atRest(0) : part === 1 ? atRest(to) : { from: 0, to, part });
    },
    [show, stop],
  );
  return { moment, aim, goTo, hold };
}

/** The change that leads from a moment to a policy; from the closer policy if the moment is of two others. */
function towards(moment: Moment, policy: number): Moment {
  const { from, to, part } = moment;
  if (to === policy) return from === to ? { from: policy, to: policy, part: 1 } : moment;
  if (from === policy) return { from: to, to: policy, part: from === to ? 0 : 1 - part };
  return { from: closerPolicy(moment), to: policy, part: 0 };
}

/** Slow at both ends. */
function eased(part: number): number {
  return part < 0.5 ? 4 * part ** 3 : 1 - (2 - 2 * part) ** 3 / 2;
}
