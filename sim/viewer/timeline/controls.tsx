import { useId } from 'preact/hooks';
import type { Moment } from '../../report/timeline/moment.js';
import type { Morph } from './use-morph.js';
import type { Zoom } from './use-zoom.js';

/** The choice of the clocks that are shown, a slider between them, and buttons that enlarge. */
export function Controls(props: {
  readonly policies: readonly string[];
  readonly moment: Moment;
  readonly morph: Morph;
  readonly zoom: Zoom;
}) {
  const { policies, moment, morph, zoom } = props;
  return (
    <div class="timeline-controls">
      {policies.length > 1 && <PolicyChoice {...{ policies, moment, morph }} />}
      <div class="timeline-zoom" role="group" aria-label="Enlarge">
        <button
          type="button"
          aria-label="Enlarge"
          title="Enlarge (+)"
          onClick={() => {
            zoom.scaleBy(2);
          }}
        >
          +
        </button>
        <button
          type="button"
          aria-label="Reduce"
          title="Reduce (−)"
          onClick={() => {
            zoom.scaleBy(0.5);
          }}
        >
          −
        </button>
        <button type="button" title="Show all (0)" onClick={zoom.showAll}>
          Show all
        </button>
      </div>
    </div>
  );
}

function PolicyChoice(props: {
  readonly policies: readonly string[];
  readonly moment: Moment;
  readonly morph: Morph;
}) {
  const { policies, moment, morph } = props;
  const name = useId();
  const planned = moment.to > 0 ? moment.to : moment.from > 0 ? moment.from : policies.length - 1;
  const percent = wholePercent(partOfPlan(moment, planned));
  const choice = (policy: number) => (
    <label class={policy === morph.aim ? 'chosen' : undefined}>
      <input
        type="radio"
        name={name}
        checked={policy === morph.aim}
        onChange={() => {
          morph.goTo(policy);
        }}
      />
      {policies[policy]}
    </label>
  );
  return (
    <fieldset class="timeline-policies">
      <legend>Clocks</legend>
      {choice(0)}
      <input
        type="range"
        min={0}
        max={100}
        value={percent}
        aria-label={`From ${policies[0]!} to ${policies[planned]!}`}
        aria-valuetext={`${percent} % of the way to ${policies[planned]!}`}
        onInput={(event) => {
          morph.hold(planned, Number(event.currentTarget.value) / 100);
        }}
      />
      {policies.map((_, policy) => (policy === 0 ? null : choice(policy)))}
    </fieldset>
  );
}

/** A part in whole percent, which is 0 or 100 at the very ends only. */
function wholePercent(part: number): number {
  return part > 0 && part < 1 ? Math.min(99, Math.max(1, Math.round(100 * part))) : 100 * part;
}

/** The part of the way from the first policy to a plan; all of it at moments between two plans. */
function partOfPlan({ from, to, part }: Moment, planned: number): number {
  if (from === to) return to === 0 ? 0 : 1;
  if (from === 0 && to === planned) return part;
  return from === planned && to === 0 ? 1 - part : 1;
}
