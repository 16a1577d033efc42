import type { Alignment } from './alignment.js';
import { fitPowers, type PowerFit } from './power-fit.js';
import type { SampleSummary } from './sample-summary.js';
import { EXCLUDED, isInstruction, type WorkCourse, type WorkGroup } from './work-course.js';

/** The power of an instruction of a series, or of waiting between them. */
export interface SeriesPower {
  /** Place of the series in the run. */
  readonly at: number;
  /** An instruction, `waiting`, or `between iterations`. */
  readonly what: string;
  readonly powerW: number;
}

/** A power less certain than this part of it says nothing. */
const MOST_ERROR = 0.05;
/** Waiting counts where it is at least as certain as this. */
const MOST_WAITING_ERROR = 0.1;

/**
 * Powers by least squares. Where samples do not tell the instructions of a series apart, such as
 * forwards and backwards that always fall into the same sample, all of them get their mean power.
 */
export function fittedPowers(
  courses: readonly WorkCourse[],
  { fits, observed, offsetS }: Alignment,
  rank: string,
  summary: SampleSummary,
): SeriesPower[] {
  return courses.flatMap((course, c) => {
    const fit = fits[c];
    if (fit === undefined) return [];
    if (isCertain(course, fit)) {
      summary.addErrors(relativeErrors(course, fit));
      return powersOf(course, fit);
    }
    const joined = joinedCourse(course);
    const joint = fitPowers(joined.course, observed, offsetS);
    if (joint === undefined || !isCertain(joined.course, joint)) {
      summary.uncertain.push(rank);
      return [];
    }
    summary.joined.push(rank);
    const powerOf = powersOf(joined.course, joint);
    return course.groups.flatMap(({ series, what }, g): SeriesPower[] => {
      const found = powerOf.find((each) => each.at === series && each.what === joined.names[g]);
      return found === undefined ? [] : [{ at: series, what, powerW: found.powerW }];
    });
  });
}

/** The powers of a fit that is certain of all instructions; undefined otherwise. */
export function certainPowers(course: WorkCourse, fit: PowerFit): SeriesPower[] | undefined {
  return isCertain(course, fit) ? powersOf(course, fit) : undefined;
}

function powersOf({ groups }: WorkCourse, { powerW, errorW }: PowerFit): SeriesPower[] {
  return groups.flatMap(({ series, what, knownW }, g): SeriesPower[] => {
    const isUsable =
      isInstruction(what) ||
      (knownW === undefined && errorW[g]! <= MOST_WAITING_ERROR * powerW[g]!);
    return isUsable ? [{ at: series, what, powerW: powerW[g]! }] : [];
  });
}

/** Relative standard errors of the powers of instructions. */
export function relativeErrors({ groups }: WorkCourse, { powerW, errorW }: PowerFit): number[] {
  return groups.flatMap(({ what }, g) => (isInstruction(what) ? [errorW[g]! / powerW[g]!] : []));
}

function isCertain({ groups }: WorkCourse, { powerW, errorW }: PowerFit): boolean {
  return groups.every(
    ({ what }, g) => !isInstruction(what) || errorW[g]! <= MOST_ERROR * powerW[g]!,
  );
}

/** A course whose instructions of a series are one group; loading, which draws less, stays apart. */
function joinedCourse(course: WorkCourse): { course: WorkCourse; names: readonly string[] } {
  const names = course.groups.map(({ what }) =>
    isInstruction(what) && !what.endsWith(' load') ? 'computing' : what,
  );
  const groups: WorkGroup[] = [];
  const numbers = course.groups.map((group, g) => {
    const known = groups.findIndex(
      (each) => each.series === group.series && each.what === names[g],
    );
    return known >= 0 ? known : groups.push({ ...group, what: names[g]! }) - 1;
  });
  const group = course.group.map((g) => (g === EXCLUDED ? EXCLUDED : numbers[g]!));
  return { course: { ...course, group, groups }, names };
}
