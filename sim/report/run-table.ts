import { INSTRUCTION_KINDS } from '../../src/profile/stage-profile.js';
import { milliseconds } from '../../src/units.js';
import { plainTable } from './plain-table.js';
import type { PolicyResult, ScenarioResult } from '../studies/run-scenario.js';

/** The table of energy bloat removed, with what a reader needs to trust it. At most 120 columns. */
export function runTable(result: ScenarioResult): string {
  return [heading(result), policyTable(result), '', conclusion(result), notes(result), ''].join(
    '\n',
  );
}

function heading({ scenario, title, fit, unitTimeS, roundingPct, gpus }: ScenarioResult): string {
  const { stages, microbatches, schedule } = scenario.pipeline;
  const stragglers = scenario.stragglers.map(
    ({ pipeline, slowdown, cause }) => `pipeline ${pipeline} is ${slowdown}× slower (${cause})`,
  );
  const lines = [
    `${scenario.name}: ${title}`,
    `${schedule.toUpperCase()}, ${stages} stages × ${microbatches} microbatches, tensor parallel ${scenario.tensorParallel}, ${scenario.pipelines} pipelines: ${gpus} GPUs`,
    `stragglers: ${stragglers.length === 0 ? 'none' : stragglers.join(', ')}`,
    `planned in ticks of ${number(milliseconds(unitTimeS), 3)} ms, which round an instruction by up to ${number(roundingPct, 2)} %` +
      (fit === undefined
        ? ''
        : `; curves fit within ${number(fit.timeRmsPct, 2)} % time, ${number(fit.powerRmsPct, 2)} % power (rms)`),
  ];
  return `${lines.join('\n')}\n`;
}

const HEAD = [
  'policy',
  'time s\nplan',
  '\nsim',
  'slower\n%',
  'energy MJ\nplan',
  '\nsim',
  'saved %\nplan',
  '\nsim',
  'of which\nintrinsic',
  '\nextrinsic',
  'power\nkW',
  'above\nbound %',
];

function policyTable({ policies }: ScenarioResult): string {
  return plainTable(HEAD, policies.map(policyCells));
}

function policyCells(row: PolicyResult): string[] {
  return [
    row.policy,
    number(row.planned.timeS, 3),
    number(row.simulatedTimeS, 3),
    number(row.slowdownPct, 2),
    number(row.planned.energyJ / 1e6, 3),
    number(row.simulatedEnergyJ / 1e6, 3),
    number(row.planned.savingPct, 2),
    number(row.savingPct, 2),
    number(row.intrinsicPct, 2),
    number(row.extrinsicPct, 2),
    number(row.averagePowerW / 1e3, 1),
    row.aboveBoundPct === undefined ? '—' : number(row.aboveBoundPct, 2),
  ];
}

function conclusion({ policies, scenario }: ScenarioResult): string {
  const best = policies.reduce((a, b) => (b.simulatedEnergyJ < a.simulatedEnergyJ ? b : a));
  if (best.policy === 'max-frequency') return 'No policy uses less energy than max-frequency.';
  const time =
    Math.abs(best.slowdownPct) < 0.005
      ? 'at the same iteration time'
      : best.slowdownPct > 0
        ? `for iterations that take ${number(best.slowdownPct, 2)} % longer`
        : `in iterations that are ${number(-best.slowdownPct, 2)} % shorter`;
  const parts =
    scenario.stragglers.length === 0
      ? ''
      : `: ${number(best.intrinsicPct, 2)} points from imbalance inside the pipelines, ${number(best.extrinsicPct, 2)} from waiting for the straggler`;
  return `${best.policy} removes ${number(best.savingPct, 2)} % of the energy ${time}${parts}.`;
}

function notes({ bound, policies, simulatedPipelines, scenario }: ScenarioResult): string {
  const boundNote =
    bound === undefined
      ? 'Above bound: not computed with overheads in the timing.'
      : `Above bound: over the least energy any clocks could use at that time (${
          bound.method === 'lp' ? 'linear program' : 'exact frontier'
        } on the hull of the options).`;
  const lines = [
    'Plan is what the cost model promises; sim is what the chosen clocks take and use when simulated.',
    'Energy is of one iteration of all GPUs. Saved is against max-frequency.',
    boundNote,
  ];
  if (simulatedPipelines < scenario.pipelines) {
    lines.push(
      `Simulated ${simulatedPipelines} of ${scenario.pipelines} pipelines; the others are identical.`,
    );
  }
  if (policies.some((row) => row.slowdownPct > 0.005)) {
    lines.push(
      'A plan may end later than max-frequency because planned durations are rounded to ticks and the paper’s rule takes the slowest clock that fits them.',
    );
  }
  return lines.map((line) => `  ${line}`).join('\n');
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
    const kinds = INSTRUCTION_KINDS.length;
    return {
      policy,
      totalJ,
      totalComputeJ,
      ...accounts,
      computeByStageJ: Array.from({ length: computeJ.length / kinds }, (_, stage) =>
        Object.fromEntries(INSTRUCTION_KINDS.map((kind, k) => [kind, computeJ[stage * kinds + k]])),
      ),
    };
  });
}
