import { milliseconds } from '../../src/units.js';
import { plainTable } from './plain-table.js';
import type { PolicyResult, ScenarioResult } from '../studies/run-scenario.js';
import type { Scenario } from '../studies/scenario-schema.js';
import { stragglerModel } from '../studies/straggler-draws.js';
import type { Estimate } from '../studies/scenario-setting.js';

/** Widest line of a report for people. */
const COLUMNS = 120;

/** The table of energy bloat removed, with what a reader needs to trust it. At most 120 columns. */
export function runTable(result: ScenarioResult): string {
  return [
    ...heading(result),
    '',
    policyTable(result),
    '',
    ...conclusion(result).flatMap((sentence) => wrap(sentence, '')),
    '',
    ...notes(result).flatMap((note) => wrap(note, '  ')),
    '',
  ].join('\n');
}

function heading(result: ScenarioResult): string[] {
  const { scenario, title, fit, unitTimeS, roundingPct, gpus } = result;
  const { stages, microbatches, schedule, chunks } = scenario.pipeline;
  const cut = chunks === 1 ? '' : ` in ${chunks} chunks`;
  return [
    `${scenario.name}: ${title}`,
    `${schedule.toUpperCase()}, ${count(stages, 'stage')}${cut} × ${count(microbatches, 'microbatch', 'es')}, tensor parallel ${scenario.tensorParallel}, ${count(scenario.pipelines, 'pipeline')}: ${count(gpus, 'GPU')}`,
    `stragglers: ${stragglerPhrase(scenario)}`,
    ...conditions(scenario),
    ...balanceLine(result),
    activationLine(result),
    ...estimateLines(result),
    `unit time ${number(milliseconds(unitTimeS), 3)} ms takes up to ${number(roundingPct, 2)} % off an instruction` +
      (fit === undefined
        ? ''
        : `; curves fit to ${number(fit.timeRmsPct, 2)} % (time), ${number(fit.powerRmsPct, 2)} % (power) rms`),
  ].flatMap((line) => wrap(line, ''));
}

/** How wrong a synthesized profile may be, wherever it is used. */
function estimateLines({ estimate }: Pick<ScenarioResult, 'estimate'>): string[] {
  return estimate === undefined ? [] : estimateNotes(estimate);
}

/** What is known of a synthesized profile's errors, as sentences. */
export function estimateNotes(estimate: Estimate): string[] {
  const { leaveOneOut, leaveChipOut, extrapolated, efficiency } = estimate;
  const { time, slowdown, power } = leaveOneOut;
  const error = ({ meanPct, worstPct, profiles }: typeof time) =>
    `${number(meanPct, 0)} % on average, ${number(worstPct, 0)} at worst (${profiles} profiles)`;
  const chip = ({ meanPct, worstPct }: typeof time) =>
    `${number(meanPct, 0)} % (${number(worstPct, 0)})`;
  return [
    `nobody profiled this: synthesized at ${number(100 * efficiency, 0)} % of the peak. Profiles left out one by one were off by ${error(time)} in time, ${error(slowdown)} in slowdown at the lowest clock, ${error(power)} in power`,
    `with all profiles of their GPU left out, as for a GPU of which there are none: ${chip(leaveChipOut.time)} in time, ${chip(leaveChipOut.slowdown)} in slowdown, ${chip(leaveChipOut.power)} in power`,
    ...(extrapolated.length === 0 ? [] : [`not published of this GPU: ${extrapolated.join(', ')}`]),
  ];
}

function stragglerPhrase(scenario: Scenario): string {
  const { stragglers, randomStragglers, noticeS } = scenario;
  const listed = stragglers.map((straggler) => `${whoIsSlow(straggler)}${whenIsSlow(straggler)}`);
  const drawn = randomStragglers === undefined ? [] : [drawnPhrase(scenario)];
  const all = [...listed, ...drawn].join(', ');
  if (all === '') return 'none';
  return noticeS > 0 ? `${all}; noticed after ${noticeS} s` : all;
}

/** The kinds of stragglers that are drawn, those that come most often first. */
function drawnPhrase(scenario: Scenario): string {
  const { kinds, meanTimeBetweenS } = stragglerModel(scenario)!;
  const offered = Object.entries(kinds)
    .filter(([, weight = 0]) => weight > 0)
    .sort(([, a = 0], [, b = 0]) => b - a)
    .map(([kind]) => kind);
  return `by chance (${offered.join(', ')}), on each pipeline every ${Number(meanTimeBetweenS.toPrecision(3))} s on average`;
}

type Straggler = Scenario['stragglers'][number];

function whoIsSlow(straggler: Straggler) {
  const { pipeline, cause, slowdown, clockLimitMHz, delayS, stage, link } = straggler;
  const { backwardSlowdown } = straggler;
  const backward = backwardSlowdown === undefined ? '' : `, backwards ${backwardSlowdown}×`;
  const where = `pipeline ${pipeline}${stage === undefined ? '' : `, stage ${stage},`}`;
  switch (cause) {
    case 'busy':
    case 'stall':
      return `${where} is ${slowdown}× slower${backward} (${cause})`;
    case 'throttle':
      return `${where} is throttled to ${clockLimitMHz} MHz`;
    case 'slow-link':
      return `${link === undefined ? 'the links' : `link ${link}`} of ${where} ${link === undefined ? 'are' : 'is'} ${slowdown}× slower`;
    case 'data-stall':
      return `${where} gets its microbatches ${delayS} s late`;
  }
}

function whenIsSlow({ fromS, untilS }: Straggler): string {
  if (fromS === undefined && untilS === undefined) return '';
  const end = untilS === undefined ? 'on' : `to ${untilS} s`;
  return ` from ${fromS ?? 0} s ${end}`;
}

/** What else is not as in a quiet job, a line for each. */
function conditions(scenario: Scenario): string[] {
  const { iterations, seeds, jitter, sequenceLengths, clocks, power, communication } = scenario;
  const limits = [
    ...(power.gpuLimitW === undefined ? [] : [`a GPU at most ${power.gpuLimitW} W`]),
    ...(power.jobLimitW === undefined
      ? []
      : [`the job at most ${number(power.jobLimitW / 1e3, 1)} kW on average`]),
    ...(clocks.switchS === 0 ? [] : [`clocks change within ${number(1e3 * clocks.switchS, 1)} ms`]),
    ...(power.blockingAtHighestClockW === undefined
      ? []
      : [`waiting draws ${power.blockingAtHighestClockW} W at the highest clock`]),
  ];
  const scatter = [
    ...(jitter === undefined ? [] : [`instructions ±${number(100 * jitter.instructionSd, 1)} %`]),
    ...(sequenceLengths === undefined
      ? []
      : [`sequences ±${number(100 * sequenceLengths.forwardSd, 0)} % forward`]),
    ...(seeds === 1 ? [] : [`${seeds} seeds`]),
  ];
  return [
    ...(iterations === 1 ? [] : [`run: ${iterations} iterations`]),
    ...(communication === undefined ? [] : [communicationLine(communication)]),
    ...(limits.length === 0 ? [] : [`limits: ${limits.join(', ')}`]),
    ...(scatter.length === 0 ? [] : [`scatter: ${scatter.join(', ')}`]),
  ];
}

function communicationLine(communication: NonNullable<Scenario['communication']>): string {
  const { rule, activationMB, gradientMB } = communication;
  return `communication: ${activationMB} MB per microbatch and link (${rule}), ${gradientMB} MB of gradients per GPU`;
}

function balanceLine({ balance }: ScenarioResult): string[] {
  if (balance === undefined) return [];
  const { imbalanceRatio, timeSavedPct, energySavedPct } = balance;
  return [
    `imbalance: slowest stage over fastest ${number(imbalanceRatio, 3)}; perfect balance would save max-frequency ${number(timeSavedPct, 2)} % of the time, ${number(energySavedPct, 2)} % of the energy`,
  ];
}

/** Runs of equal stages are written once: `8 7 6`, `12 × 8`. */
function activationLine({ peaks, bubbleRatio }: ScenarioResult): string {
  const list = (values: Float64Array): string => {
    const texts = Array.from(values, (value) => String(Number(value.toFixed(2))));
    return new Set(texts).size === 1 && texts.length > 1
      ? `${texts[0]!} on each of ${texts.length} stages`
      : texts.join(' ');
  };
  const inputs = peaks.checkpoints.some((held) => held > 0)
    ? `; inputs of ${list(peaks.checkpoints)}`
    : '';
  return `bubble ${number(100 * bubbleRatio, 2)} % of computing; activations kept, in microbatches of a stage: ${list(peaks.activations)}${inputs}`;
}

/** The unit in which energies have one to four digits before the point. */
interface EnergyUnit {
  readonly name: string;
  readonly joules: number;
}

const ENERGY_UNITS: readonly EnergyUnit[] = [
  { name: 'GJ', joules: 1e9 },
  { name: 'MJ', joules: 1e6 },
  { name: 'kJ', joules: 1e3 },
  { name: 'J', joules: 1 },
];

function energyUnitOf({ policies }: ScenarioResult): EnergyUnit {
  const largestJ = Math.max(...policies.map((row) => row.simulatedEnergyJ));
  return ENERGY_UNITS.find(({ joules }) => largestJ >= joules) ?? ENERGY_UNITS.at(-1)!;
}

/** A column: its heading, and what stands in it. */
type Column = readonly [heading: string, cell: (row: PolicyResult) => string];

function policyTable(result: ScenarioResult): string {
  const unit = energyUnitOf(result);
  // Against itself max-frequency saves nothing, by definition.
  const compared = (row: PolicyResult, value: number | undefined) =>
    row.policy === 'max-frequency' ? '' : optional(value, 2);
  const isPlanned = result.policies.some((row) => row.planned !== undefined);
  const promised = (heading: string, cell: Column[1]): Column[] =>
    isPlanned ? [[heading, cell]] : [];
  const columns: Column[] = [
    ['policy', (row) => row.policy],
    ...promised('time s\nplan', (row) => optional(row.planned?.timeS, 3)),
    [isPlanned ? '\nsim' : 'time\ns', (row) => number(row.simulatedTimeS, 3)],
    ['slower\n%', (row) => compared(row, row.slowdownPct)],
    ...promised(`energy ${unit.name}\nplan`, (row) =>
      optional(row.planned?.energyJ, 3, unit.joules),
    ),
    [
      isPlanned ? '\nsim' : `energy\n${unit.name}`,
      (row) => number(row.simulatedEnergyJ / unit.joules, 3),
    ],
    ...promised('saved %\nplan', (row) => compared(row, row.planned?.savingPct)),
    [isPlanned ? '\nsim' : 'saved\n%', (row) => compared(row, row.savingPct)],
    ...spreadColumns(result),
    ['of which\nintrinsic', (row) => compared(row, row.intrinsicPct)],
    ['\nextrinsic', (row) => compared(row, row.extrinsicPct)],
    ['power\nkW', (row) => number(row.averagePowerW / 1e3, 1)],
    ...lastColumns(result),
  ];
  return plainTable(
    columns.map(([heading]) => heading),
    result.policies.map((row) => columns.map(([, cell]) => cell(row))),
  );
}

/** Of several seeds: where the mean of the saving lies. */
function spreadColumns({ scenario }: ScenarioResult): Column[] {
  if (scenario.seeds === 1) return [];
  return [
    [
      '\n95 % interval',
      ({ policy, intervals }) =>
        policy === 'max-frequency' || intervals === undefined
          ? ''
          : `${number(intervals.savingPct.low, 2)} … ${number(intervals.savingPct.high, 2)}`,
    ],
  ];
}

/** The distance to what was possible: to the oracle where stragglers come and go, to the bound else. */
function lastColumns(result: ScenarioResult): Column[] {
  if (!comesAndGoes(result.scenario)) {
    return [['above\nbound %', (row) => optional(row.aboveBoundPct, 2)]];
  }
  return [
    ['regret %\ntime', (row) => number(row.regretTimePct, 2)],
    ['\nenergy', (row) => number(row.regretEnergyPct, 2)],
  ];
}

function comesAndGoes({ stragglers, randomStragglers }: Scenario): boolean {
  return (
    randomStragglers !== undefined ||
    stragglers.some(({ fromS, untilS }) => fromS !== undefined || untilS !== undefined)
  );
}

function optional(value: number | undefined, digits: number, divisor = 1): string {
  return value === undefined ? '—' : number(value / divisor, digits);
}

function conclusion({ policies, scenario }: ScenarioResult): string[] {
  const best = policies.reduce((a, b) => (b.simulatedEnergyJ < a.simulatedEnergyJ ? b : a));
  if (best.policy === 'max-frequency') return ['No policy uses less energy than max-frequency.'];
  const parts =
    scenario.stragglers.length === 0 && scenario.randomStragglers === undefined
      ? ''
      : `: ${number(best.intrinsicPct, 2)} points by slowing what waits inside the pipelines (intrinsic), ${number(best.extrinsicPct, 2)} by slowing pipelines that wait for the straggler (extrinsic)`;
  const left =
    best.aboveBoundPct === undefined
      ? []
      : [
          `What it uses is ${number(best.aboveBoundPct, 2)} % above the least energy any clocks could use in that time.`,
        ];
  return [
    `${best.policy} removes ${number(best.savingPct, 2)} % of the energy ${timePhrase(best)}${parts}.`,
    ...left,
  ];
}

/** Differences of time below this, in percent, are rounding. */
const SAME_TIME_PCT = 0.005;

function timePhrase({ slowdownPct }: PolicyResult): string {
  if (Math.abs(slowdownPct) < SAME_TIME_PCT) return 'without slowing the job';
  return slowdownPct > 0
    ? `and slows the job by ${number(slowdownPct, 2)} %`
    : `in iterations that are ${number(-slowdownPct, 2)} % shorter`;
}

function notes(result: ScenarioResult): string[] {
  const { policies, simulatedPipelines, scenario } = result;
  const what =
    scenario.iterations === 1 ? 'one iteration' : `all ${scenario.iterations} iterations`;
  const notes = [
    policies.some((row) => row.planned !== undefined)
      ? 'plan: what the cost model promises. sim: what the chosen clocks take and use when simulated.'
      : 'Time and energy are what the chosen clocks take and use when simulated; no sum over plans knows what goes wrong here.',
    `energy: ${what}, all GPUs. saved, slower: against max-frequency.`,
    possibleNote(result),
  ];
  if (result.hasOverheads) {
    notes.push(
      'Plans know loading and transfers, but for those of envpipe, which leaves them out.',
    );
  } else if (policies.some((row) => row.planned && row.slowdownPct > SAME_TIME_PCT)) {
    notes.push(
      'A plan may end later than max-frequency: planned durations are whole ticks, rounded down, and become the slowest clock that fits them.',
    );
  }
  if (scenario.seeds > 1) {
    notes.push('Figures are means over the seeds; the interval of the mean is a bootstrap’s.');
  }
  if (simulatedPipelines < scenario.pipelines) {
    notes.push(
      `${simulatedPipelines} of ${scenario.pipelines} pipelines simulated; the others are identical to one of them.`,
    );
  }
  return notes;
}

function possibleNote({ bound, scenario }: ScenarioResult): string {
  if (comesAndGoes(scenario)) {
    return 'regret: beyond the same policy, had it known at every iteration’s beginning which pipelines would be slow.';
  }
  if (bound === undefined) {
    return 'above bound: — because the bound knows only jobs of which every iteration is the same, at one blocking power.';
  }
  const method = bound.method === 'lp' ? 'linear program' : 'exact frontier';
  return `above bound: over the least energy any clocks could use in that time (${method} on the hull of the options).`;
}

/** Breaks a text at blanks; lines after the first are indented twice. */
function wrap(text: string, indent: string): string[] {
  const lines = [indent];
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!;
    const isFirst = line.trim() === '';
    if (isFirst) lines[lines.length - 1] = line + word;
    else if (line.length + 1 + word.length <= COLUMNS) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(`${indent}  ${word}`);
  }
  return lines;
}

/** `1 stage`, `2 stages` */
function count(n: number, noun: string, plural = 's'): string {
  return `${n} ${noun}${n === 1 ? '' : plural}`;
}

function number(value: number, digits: number): string {
  // −0.00 is 0.00.
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace('-', '') : text;
}

/** One row of the machine-readable table; units in the names. */
export function runRows(result: ScenarioResult): Record<string, number | string | null>[] {
  return result.policies.map((row) => ({
    scenario: result.scenario.name,
    policy: row.policy,
    seed: result.scenario.seed,
    seeds: result.scenario.seeds,
    iterations: result.scenario.iterations,
    gpus: result.gpus,
    planned_time_s: row.planned?.timeS ?? null,
    simulated_time_s: row.simulatedTimeS,
    simulated_time_low_s: row.intervals?.simulatedTimeS.low ?? null,
    simulated_time_high_s: row.intervals?.simulatedTimeS.high ?? null,
    slowdown_pct: row.slowdownPct,
    planned_energy_j: row.planned?.energyJ ?? null,
    simulated_energy_j: row.simulatedEnergyJ,
    simulated_energy_low_j: row.intervals?.simulatedEnergyJ.low ?? null,
    simulated_energy_high_j: row.intervals?.simulatedEnergyJ.high ?? null,
    planned_saving_pct: row.planned?.savingPct ?? null,
    simulated_saving_pct: row.savingPct,
    simulated_saving_low_pct: row.intervals?.savingPct.low ?? null,
    simulated_saving_high_pct: row.intervals?.savingPct.high ?? null,
    intrinsic_pct: row.intrinsicPct,
    extrinsic_pct: row.extrinsicPct,
    average_power_w: row.averagePowerW,
    regret_time_pct: row.regretTimePct,
    regret_energy_pct: row.regretEnergyPct,
    bound_energy_j: row.boundJ ?? null,
    above_bound_pct: row.aboveBoundPct ?? null,
    // How wrong profiles like it were, where nobody measured it.
    profile_time_error_pct: result.estimate?.leaveOneOut.time.meanPct ?? null,
    profile_slowdown_error_pct: result.estimate?.leaveOneOut.slowdown.meanPct ?? null,
    profile_power_error_pct: result.estimate?.leaveOneOut.power.meanPct ?? null,
  }));
}

/** The ledger of each policy, by account. */
export function runLedgers(result: ScenarioResult): Record<string, unknown>[] {
  return result.policies.map(({ policy, ledger }) => {
    const { computeJ, totalComputeJ, totalJ, ...accounts } = ledger;
    return {
      policy,
      totalJ,
      totalComputeJ,
      ...accounts,
      computeByStageJ: computeByStage(result, computeJ),
    };
  });
}

/** Per stage: energy of each kind of instruction that it runs, all its parts of the model. */
function computeByStage({ dag }: ScenarioResult, computeJ: Float64Array): Record<string, number>[] {
  const stages = Array.from({ length: dag.stageCount }, (): Record<string, number> => ({}));
  dag.operations.forEach(({ stage, kind }, op) => {
    const ofStage = stages[stage]!;
    ofStage[kind] = (ofStage[kind] ?? 0) + computeJ[op]!;
  });
  return stages;
}
