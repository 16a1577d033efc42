import type { VariedAxis } from './axes.js';
import type { SweepData } from './sweep-data.js';

/** The contents of a chart of a sweep, and their places. */
export interface SweepChoice {
  readonly kind: 'lines' | 'heat map';
  readonly metric: string;
  /** The policy of a heat map. */
  readonly policy: string;
  /** Columns along the axes, and those of panels side by side and one below the other. */
  readonly x: string;
  readonly y: string | undefined;
  readonly across: string | undefined;
  readonly down: string | undefined;
  /** The values at which all other axes are held. */
  readonly at: Readonly<Record<string, unknown>>;
}

/** More panels in a row or a column than these are too small to read. */
const MOST_PANELS = 6;

/**
 * The choice that shows the most of a sweep: the axes with the most values along the sides, others in panels,
 * the rest held at the middle of their values. Undefined if nothing varied.
 */
export function defaultChoice(
  { axes }: SweepData,
  wish: Pick<SweepChoice, 'kind' | 'metric' | 'policy'>,
): SweepChoice | undefined {
  const long = [...axes].sort((a, b) => b.values.length - a.values.length);
  const sides = wish.kind === 'lines' ? 1 : 2;
  const [x, y] = long.slice(0, sides);
  if (x === undefined || (sides === 2 && y === undefined)) return undefined;
  const others = axes.filter((axis) => axis !== x && axis !== y);
  const panels = others.filter(({ values }) => values.length <= MOST_PANELS);
  const [across, down] = panels;
  return heldAtMiddle(axes, {
    ...wish,
    x: x.field,
    y: y?.field,
    across: across?.field,
    down: down?.field,
    at: {},
  });
}

/** A choice in which every axis without a place is held at a value; those held already stay. */
function heldAtMiddle(axes: readonly VariedAxis[], choice: SweepChoice): SweepChoice {
  const placed = [choice.x, choice.y, choice.across, choice.down];
  const left = axes.filter(({ field }) => !placed.includes(field));
  const at = left.map(({ field, values }) => {
    const middle = values[Math.floor((values.length - 1) / 2)];
    return [field, values.includes(choice.at[field]) ? choice.at[field] : middle] as const;
  });
  return { ...choice, at: Object.fromEntries(at) };
}

/** Places of axes in a chart. */
export const PLACES = ['x', 'y', 'across', 'down'] as const;
export type Place = (typeof PLACES)[number];

/** Changes of a choice by the reader of a report. */
export type SweepWish = {
  readonly [Key in 'kind' | 'metric' | 'policy' | 'at' | Place]?: SweepChoice[Key] | undefined;
};

/**
 * The choice that a wish makes of the default one. What is not among the axes (any more) is left out, and a side
 * without an axis has the first that is free.
 */
export function wishedChoice(
  data: SweepData,
  wish: SweepWish,
  preset: Pick<SweepChoice, 'metric' | 'policy'>,
): SweepChoice | undefined {
  const kind = wish.kind ?? (data.axes.length > 1 ? 'heat map' : 'lines');
  const { metric = preset.metric, policy = preset.policy } = wish;
  const policyShown = data.policies.includes(policy) ? policy : preset.policy;
  const choice = defaultChoice(data, { kind, metric, policy: policyShown });
  if (choice === undefined) return undefined;
  const held = { ...choice, ...(wish.x === undefined ? {} : placed(data, wish, kind)) };
  return heldAtMiddle(data.axes, { ...held, at: wish.at ?? {} });
}

/** The places of a wish, each axis at the first place that wants it. */
function placed({ axes }: SweepData, wish: SweepWish, kind: SweepChoice['kind']) {
  const free = axes.map(({ field }) => field);
  const take = (field: string | undefined) => {
    const at = field === undefined ? -1 : free.indexOf(field);
    return at < 0 ? undefined : free.splice(at, 1)[0];
  };
  const sides = kind === 'lines' ? (['x'] as const) : (['x', 'y'] as const);
  const wished = Object.fromEntries(sides.map((side) => [side, take(wish[side])]));
  // Sides go before panels.
  const wanted = sides.filter((side) => wished[side] === undefined).length;
  const panel = (field: string | undefined) => (free.length > wanted ? take(field) : undefined);
  const across = panel(wish.across);
  const down = panel(wish.down);
  const [x, y] = sides.map((side) => wished[side] ?? free.shift());
  return { x: x!, y, across, down };
}

/** The places when an axis is put at one of them; if it was at another, that gets what was here. */
export function moved(choice: SweepChoice, place: Place, field: string | undefined): SweepWish {
  const { x, y, across, down } = choice;
  const before = field === undefined ? undefined : PLACES.find((other) => choice[other] === field);
  const swapped = before === undefined ? {} : { [before]: choice[place] };
  return { x, y, across, down, ...swapped, [place]: field };
}
