import { zeusFileName, zeusText } from '../plans/zeus-file.js';
import { zeusPlan } from '../plans/plan-clocks.js';
import type { Segment } from '../signals/course.js';
import type { JobPoint } from '../signals/job-points.js';
import { carbonKgPerJ, moneyPerJ } from '../signals/course.js';
import type { Schedule } from '../signals/schedule.js';
import { wallText } from '../signals/zone-clock.js';
import { STRATEGIES, type Priced } from '../signals/strategies.js';
import type { CsvRow } from './formats.js';
import { VERSION } from './version.js';

/** The plan of a schedule: a row for each time in which nothing changes. */
export function planRows(schedule: Schedule): readonly CsvRow[] {
  const { horizon, chosen } = schedule;
  const names = clockNames(schedule);
  return chosen.course.segments.map((segment) => {
    const { interval, fromS, untilS, choice } = segment;
    const within = horizon.intervals[interval]!;
    const { pricePerMWh, carbonGPerKWh, capW } = within;
    const paidJ = choice.powerW * (untilS - fromS);
    const perJ = { money: moneyPerJ(within), carbonKg: carbonKgPerJ(within) };
    return {
      ...datesOf(schedule, segment),
      ...{ from_s: fromS, until_s: untilS },
      doing: choice.rest ?? 'computing',
      policy: choice.point?.policy ?? null,
      pace_s: choice.point?.paceS ?? null,
      iteration_time_s: choice.point?.iterationS ?? null,
      iterations: choice.rate * (untilS - fromS),
      gpu_power_w: choice.gpuW,
      paid_power_w: choice.powerW,
      price_per_mwh: pricePerMWh ?? null,
      carbon_g_per_kwh: carbonGPerKWh ?? null,
      cap_w: capW === Infinity ? null : capW,
      money: perJ.money === undefined ? null : paidJ * perJ.money,
      carbon_kg: perJ.carbonKg === undefined ? null : paidJ * perJ.carbonKg,
      clocks: choice.point === undefined ? null : names.get(choice.point)!,
    };
  });
}

/** Dates in UTC, as programs read them; null if times are counted from the beginning. */
function datesOf({ horizon: { startS } }: Schedule, { fromS, untilS }: Segment) {
  const date = (atS: number) => {
    if (startS === undefined) return null;
    const text = wallText(startS + atS).replace(' ', 'T');
    return `${text}${text.length === 16 ? ':00' : ''}Z`;
  };
  return { from: date(fromS), until: date(untilS) };
}

/** File names of the clocks of all points that a course uses; numbers grow towards the fastest. */
function clockNames({ chosen }: Schedule): ReadonlyMap<JobPoint, string> {
  const used = new Set(chosen.course.segments.flatMap(({ choice }) => choice.point ?? []));
  const slowestFirst = [...used].sort((a, b) => a.rate - b.rate);
  return new Map(slowestFirst.map((point, k) => [point, zeusFileName(k)]));
}

/** The clocks of all points that a schedule uses, as Zeus reads them. */
export function clockFiles(
  schedule: Schedule,
): readonly { readonly name: string; readonly text: string }[] {
  return [...clockNames(schedule)].map(([{ plan, problem }, name], k) => ({
    name,
    text: zeusText(zeusPlan(plan, problem, k)),
  }));
}

/** Power over time, a line at each change; the last one ends the schedule. */
export function* powerRows({ chosen }: Schedule): Iterable<string> {
  yield 't_s,power_W\n';
  let lastW: number | undefined;
  const { segments } = chosen.course;
  for (const { fromS, choice } of segments) {
    if (choice.powerW !== lastW) yield `${fromS},${choice.powerW}\n`;
    lastW = choice.powerW;
  }
  if (lastW !== undefined) yield `${segments.at(-1)!.untilS},${lastW}\n`;
}

/** A schedule as JSON. */
export function scheduleDocument(schedule: Schedule): object {
  const { facts, horizon, job, objective, currency, strategies, answers } = schedule;
  const { tokensPerIteration, chosen } = schedule;
  return {
    pipewatt: VERSION,
    title: facts.title,
    scenario: facts.scenario,
    gpus: facts.gpus,
    startS: horizon.startS ?? null,
    durationS: horizon.durationS,
    zone: horizon.clock.zone,
    objective: objective.name,
    currency,
    iterations: job.work,
    tokensPerIteration: tokensPerIteration ?? null,
    strategies: STRATEGIES.map((name) => ({ name, ...pricedDocument(strategies[name]) })),
    answers: answers.map((answer) => ({
      flexPct: answer.flexPct,
      ...pricedDocument(answer),
      events: answer.given,
    })),
    chosen: { ...pricedDocument(chosen), plan: planRows(schedule) },
  };
}

function pricedDocument({ course, bill }: Priced): object {
  return {
    endS: course.endS ?? null,
    iterations: course.iterations,
    paidJ: bill.paidJ,
    gpuJ: bill.gpuJ,
    money: bill.money ?? null,
    carbonKg: bill.carbonKg ?? null,
    peakW: bill.peakW,
    cost: bill.cost,
  };
}
