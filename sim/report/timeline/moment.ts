/** A moment of a timeline's change from one policy to another. */
export interface Moment {
  /** Indices of policies. */
  readonly from: number;
  readonly to: number;
  /** 0 shows `from`, 1 `to`. */
  readonly part: number;
}

/** A policy at rest. */
export function atRest(policy: number): Moment {
  return { from: policy, to: policy, part: 0 };
}

/** The value between two. */
export function between(from: number, to: number, part: number): number {
  return from + (to - from) * part;
}

/** A function of the index that gives the value of a policy's array at a moment. */
export function atMoment<T>(
  courses: readonly T[],
  arrayOf: (course: T) => readonly number[],
  { from, to, part }: Moment,
): (k: number) => number {
  const before = arrayOf(courses[from]!);
  const after = arrayOf(courses[to]!);
  return from === to ? (k) => before[k]! : (k) => between(before[k]!, after[k]!, part);
}

/** The policy that a moment is closer to. */
export function closerPolicy({ from, to, part }: Moment): number {
  return part < 0.5 ? from : to;
}
