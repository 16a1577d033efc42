import { useCallback, useState } from 'preact/hooks';
import { boxCount, nextBox, type BoxPlace } from '../../report/timeline/box-at.js';
import type { Moment } from '../../report/timeline/moment.js';
import type { Timeline } from '../../report/timeline/timeline-data.js';
import type { Zoom } from './use-zoom.js';

/** The handlers of a picture's keys, and the box that they chose. */
export interface BoxKeys {
  readonly chosen: BoxPlace | undefined;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly onFocus: (event: FocusEvent) => void;
  readonly onBlur: () => void;
}

/** Part of the width by which arrows move. */
const STEP_PART = 0.2;

/** Plus, minus, 0 and arrows enlarge and move; arrows up and down, and with Shift, choose a box. */
export function useBoxKeys(timeline: Timeline, moment: Moment, zoom: Zoom): BoxKeys {
  const [chosen, setChosen] = useState<BoxPlace | undefined>(undefined);
  const onKeyDown = useCallback(
    (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const action =
        ACTIONS[`${event.shiftKey && event.key.startsWith('Arrow') ? 'Shift+' : ''}${event.key}`];
      if (action === undefined) return;
      event.preventDefault();
      if ('zoom' in action) action.zoom(zoom);
      else setChosen((now) => action.choose(timeline, now ?? FIRST, moment) ?? now ?? FIRST);
    },
    [timeline, moment, zoom],
  );
  const onFocus = useCallback((event: FocusEvent) => {
    if ((event.currentTarget as HTMLElement).matches(':focus-visible')) setChosen(FIRST);
  }, []);
  const onBlur = useCallback(() => {
    setChosen(undefined);
  }, []);
  const isThere =
    chosen !== undefined &&
    chosen.pipeline < timeline.pipelines.length &&
    chosen.box < boxCount(timeline, chosen.pipeline, chosen.stage);
  return { chosen: isThere ? chosen : undefined, onKeyDown, onFocus, onBlur };
}

const FIRST: BoxPlace = { pipeline: 0, stage: 0, box: 0 };

type Action =
  | { readonly zoom: (zoom: Zoom) => void }
  | {
      readonly choose: (
        timeline: Timeline,
        place: BoxPlace,
        moment: Moment,
      ) => BoxPlace | undefined;
    };

const enlarge: Action = {
  zoom: ({ scaleBy }) => {
    scaleBy(2);
  },
};
const reduce: Action = {
  zoom: ({ scaleBy }) => {
    scaleBy(0.5);
  },
};
const move = (part: number): Action => ({
  zoom: ({ moveBy }) => {
    moveBy(part);
  },
});
const chooseLane = (step: 1 | -1): Action => ({
  choose: (timeline, place) => otherLane(timeline, place, step),
});
const chooseBox = (step: 1 | -1): Action => ({
  choose: (timeline, place, moment) => nextBox(timeline, place, moment, step),
});

const ACTIONS: Readonly<Record<string, Action>> = {
  '+': enlarge,
  '=': enlarge,
  '-': reduce,
  '0': {
    zoom: ({ showAll }) => {
      showAll();
    },
  },
  ArrowLeft: move(-STEP_PART),
  ArrowRight: move(STEP_PART),
  ArrowUp: chooseLane(-1),
  ArrowDown: chooseLane(1),
  'Shift+ArrowLeft': chooseBox(-1),
  'Shift+ArrowRight': chooseBox(1),
};

/** The lane above or below, of the next pipeline if need be. */
function otherLane(
  timeline: Timeline,
  { pipeline, stage, box }: BoxPlace,
  step: 1 | -1,
): BoxPlace | undefined {
  const stages = timeline.instructions.length;
  const lane = pipeline * stages + stage + step;
  if (lane < 0 || lane >= stages * timeline.pipelines.length) return undefined;
  const other = { pipeline: Math.floor(lane / stages), stage: lane % stages };
  return { ...other, box: Math.min(box, boxCount(timeline, other.pipeline, other.stage) - 1) };
}
