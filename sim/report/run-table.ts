import { milliseconds } from '../../src/units.js';
import { plainTable } from './plain-table.js';
import type { PolicyResult, ScenarioResult } from '../studies/run-scenario.js';

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
  const { stages, microbatches, schedule } = scenario.pipeline;
  const stragglers = scenario.stragglers.map(
    ({ pipeline, slowdown, cause }) => `pipeline ${pipeline} is ${slowdown}× slower (${cause})`,
  );
  return [
    `${scenario.name}: ${title}`,
    `${schedule.toUpperCase()}, ${count(stages, 'stage')} × ${count(microbatches, 'microbatch', 'es')}, tensor parallel ${scenario.tensorParallel}, ${count(scenario.pipelines, 'pipeline')}: ${count(gpus, 'GPU')}`,
    `stragglers: ${stragglers.length === 0 ? 'none' : stragglers.join(', ')}`,
    `unit time ${number(milliseconds(unitTimeS), 3)} ms takes up to ${number(roundingPct, 2)} % off an instruction` +
      (fit === undefined
        ? ''
        : `; curves fit to ${number(fit.timeRmsPct, 2)} % (time), ${number(fit.powerRmsPct, 2)} % (power) rms`),
  ].flatMap((line) => wrap(line, ''));
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

function policyTable(result: ScenarioResult): string {
  const unit = energyUnitOf(result);
  const head = [
    'policy',
    'time s\nplan',
    '\nsim',
    'slower\n%',
    `energy ${unit.name}\nplan`,
    '\nsim',
    'saved %\nplan',
    '\nsim',
    'of which\nintrinsic',
    '\nextrinsic',
    'power\nkW',
    'above\nbound %',
  ];
  return plainTable(
    head,
    result.policies.map((row) => policyCells(row, unit)),
  );
}

function policyCells(row: PolicyResult, unit: EnergyUnit): string[] {
  // Against itself max-frequency saves nothing, by definition.
  const compared = (value: number) => (row.policy === 'max-frequency' ? '' : number(value, 2));
  return [
    row.policy,
    number(row.planned.timeS, 3),
    number(row.simulatedTimeS, 3),
    compared(row.slowdownPct),
    number(row.planned.energyJ / unit.joules, 3),
    number(row.simulatedEnergyJ / unit.joules, 3),
    compared(row.planned.savingPct),
    compared(row.savingPct),
    compared(row.intrinsicPct),
    compared(row.extrinsicPct),
    number(row.averagePowerW / 1e3, 1),
    row.aboveBoundPct === undefined ? '—' : number(row.aboveBoundPct, 2),
  ];
}

function conclusion({ policies, scenario }: ScenarioResult): string[] {
  const best = policies.reduce((a, b) => (b.simulatedEnergyJ < a.simulatedEnergyJ ? b : a));
  if (best.policy === 'max-frequency') return ['No policy uses less energy than max-frequency.'];
  const parts =
    scenario.stragglers.length === 0
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

function notes({ bound, policies, simulatedPipelines, scenario }: ScenarioResult): string[] {
  const { loadingS, transferS, iterationConstantS } = scenario.timing;
  const hasOverheads = [loadingS, transferS, iterationConstantS].flat().some((timeS) => timeS > 0);
  const notes = [
    'plan: what the cost model promises. sim: what the chosen clocks take and use when simulated.',
    'energy: one iteration, all GPUs. saved, slower: against max-frequency.',
    bound === undefined
      ? 'above bound: — because the bound knows no loading, transfers or iteration constant.'
      : `above bound: over the least energy any clocks could use in that time (${
          bound.method === 'lp' ? 'linear program' : 'exact frontier'
        } on the hull of the options).`,
  ];
  if (hasOverheads) {
    notes.push(
      'Plans know loading and transfers, but for those of envpipe, which leaves them out.',
    );
  } else if (policies.some((row) => row.slowdownPct > SAME_TIME_PCT)) {
    notes.push(
      'A plan may end later than max-frequency: planned durations are whole ticks, rounded down, and become the slowest clock that fits them.',
    );
  }
  if (simulatedPipelines < scenario.pipelines) {
    notes.push(
      `${simulatedPipelines} of ${scenario.pipelines} pipelines simulated; the others are identical to one of them.`,
    );
  }
  return notes;
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
    gpus: result.gpus,
    planned_time_s: row.planned.timeS,
    simulated_time_s: row.simulatedTimeS,
    slowdown_pct: row.slowdownPct,
    planned_energy_j: row.planned.energyJ,
    simulated_energy_j: row.simulatedEnergyJ,
    planned_saving_pct: row.planned.savingPct,
    simulated_saving_pct: row.savingPct,
    intrinsic_pct: row.intrinsicPct,
    extrinsic_pct: row.extrinsicPct,
    average_power_w: row.averagePowerW,
    bound_energy_j: row.boundJ ?? null,
    above_bound_pct: row.aboveBoundPct ?? null,
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
