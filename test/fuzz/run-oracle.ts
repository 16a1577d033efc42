import type { Scenario } from '../../sim/scenario/scenario-schema.js';
import { wrongFaults, type FaultsDocument } from './fault-oracle.js';
import { firstOf, isClose, notFinite } from './oracle.js';

/** Columns that hold a number only where there is something to say. */
export const MAY_BE_NULL: ReadonlySet<string> = new Set([
  ...['curveFit', 'estimate', 'balance', 'boundMethod', 'boundExtraTimePct', 'memoryShortage'],
  ...['planned_time_s', 'planned_energy_j', 'planned_saving_pct'],
  ...['simulated_time_low_s', 'simulated_time_high_s'],
  ...['simulated_energy_low_j', 'simulated_energy_high_j'],
  ...['simulated_saving_low_pct', 'simulated_saving_high_pct'],
  ...['bound_energy_j', 'above_bound_pct'],
  ...['profile_time_error_pct', 'profile_slowdown_error_pct', 'profile_power_error_pct'],
  ...['likely_saving_pct', 'likely_saving_low_pct', 'likely_saving_high_pct'],
  ...['currency', 'saved_money', 'saved_money_per_day'],
  ...['saved_carbon_kg', 'saved_carbon_per_day_kg'],
  ...['memory', 'gpu', 'tokens_per_s', 'tokens_per_j', 'j_per_token', 'mfu'],
  ...['site_energy_j', 'site_saving_pct', 'mwh_per_1e9_tokens'],
  ...['money_per_day', 'money_per_1e9_tokens', 'carbon_per_day_kg', 'carbon_per_1e9_tokens_kg'],
  ...['memory_gib', 'gpu_memory_gib'],
  ...['youngForTimeS', 'youngForEnergyS', 'dalyForTimeS', 'usefulIterationEnergyJ'],
]);

/** The most that boards for training draw, and the least while they wait: no GPU is outside. */
const HIGHEST_BOARD_W = 3000;
const LEAST_W = 1;

/** Sums are booked to more digits than this. */
const EXACT = 1e-9;

/** A tick takes up to 0.1 % off an instruction unless one is asked for: so much plans may be off. */
const ROUNDING = 0.02;

interface Document {
  readonly scenario: Scenario;
  readonly gpus?: number;
  readonly roundingPct?: number;
  readonly policies: readonly Row[];
  readonly ledgers: readonly Ledger[];
  readonly faults?: FaultsDocument;
}
type Row = Readonly<Record<string, number | null>> & { readonly policy: string };
type Ledger = Readonly<Record<string, number>> & {
  readonly computeByStageJ: readonly Readonly<Record<string, number>>[];
};

/** Impossible values in the output of `run --format json`. */
export function wrongRun(out: string): string | undefined {
  const document = JSON.parse(out) as Document;
  const bad = notFinite(document, MAY_BE_NULL);
  if (bad.length > 0) return `not a number: ${bad.slice(0, 5).join(', ')}`;
  const { scenario, policies, ledgers, faults } = document;
  if (policies.length === 0) return 'no rows';
  return firstOf([
    ...policies.map((row) => wrongRow(row, document)),
    ...ledgers.map((ledger, k) => wrongLedger(ledger, policies[k]!)),
    ...policies.map((row) => wrongPromise(row, document)),
    policies.some(({ currency }) => (currency === null) !== (scenario.prices === undefined)) &&
      'currency without prices, or the other way round',
    (faults === undefined) !== (scenario.faults === undefined) && 'faults, or none, by mistake',
    faults && wrongFaults(faults),
  ]);
}

function wrongRow(row: Row, { scenario }: Document): string | undefined {
  const name = row.policy;
  const value = (key: string) => row[key]!;
  const gpus = scenario.pipelines * scenario.pipeline.stages * scenario.tensorParallel;
  const gpuPowerW = value('average_power_w') / gpus;
  const shares = ['simulated_saving_pct', 'intrinsic_pct', 'extrinsic_pct', 'planned_saving_pct'];
  return firstOf([
    value('gpus') !== gpus && `${name}: ${value('gpus')} GPUs, expected ${gpus}`,
    !(value('simulated_time_s') > 0) && `${name}: takes ${value('simulated_time_s')} s`,
    !(value('simulated_energy_j') > 0) && `${name}: uses ${value('simulated_energy_j')} J`,
    !isClose(
      value('average_power_w') * value('simulated_time_s'),
      value('simulated_energy_j'),
      scenario.seeds === 1 ? EXACT : 0.5,
    ) && `${name}: power × time is not the energy`,
    !(gpuPowerW >= LEAST_W && gpuPowerW <= HIGHEST_BOARD_W) &&
      `${name}: a GPU draws ${gpuPowerW} W`,
    ...shares.map((key) => {
      const share = row[key] ?? 0;
      // A job that changes clocks a hundred times and waits for each change may use any amount.
      const least = scenario.clocks.switchS > 0 ? -Infinity : -100;
      return !(share >= least && share <= 100) && `${name}: ${key} is ${share}`;
    }),
    !isClose(
      value('intrinsic_pct') + value('extrinsic_pct'),
      value('simulated_saving_pct'),
      1e-6,
    ) &&
      Math.abs(value('intrinsic_pct') + value('extrinsic_pct') - value('simulated_saving_pct')) >
        1e-6 &&
      `${name}: intrinsic and extrinsic do not add up`,
    (row['above_bound_pct'] ?? 0) < -0.1 && `${name}: ${row['above_bound_pct']} % above the bound`,
    name === 'max-frequency' &&
      !(
        Math.abs(value('simulated_saving_pct')) < EXACT && Math.abs(value('slowdown_pct')) < EXACT
      ) &&
      'max-frequency saves something against itself',
    (row['planned_time_s'] === null) !== (row['planned_energy_j'] === null) &&
      `${name}: planned time without energy`,
    (row['simulated_time_low_s'] === null) !== (scenario.seeds === 1) && `${name}: intervals`,
  ]);
}

function wrongLedger(ledger: Ledger, row: Row): string | undefined {
  const { policy, totalJ, totalComputeJ, computeByStageJ, ...accounts } = ledger;
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const negative = Object.entries(accounts).filter(([, energyJ]) => energyJ < -EXACT * totalJ!);
  return firstOf([
    policy !== (row.policy as unknown) && `the ledger of ${policy}`,
    negative.length > 0 && `${policy}: ${negative.map(String).join('; ')} in the ledger`,
    !isClose(totalJ!, row['simulated_energy_j']!, EXACT) && `${policy}: total is not the energy`,
    !isClose(totalJ!, totalComputeJ! + sum(Object.values(accounts)), EXACT) &&
      `${policy}: the ledger does not add up`,
    !isClose(totalComputeJ!, sum(computeByStageJ.flatMap((of) => Object.values(of))), EXACT) &&
      `${policy}: computing by stage does not add up`,
  ]);
}

/** Where nothing is drawn and nothing overlaps, plans come true. */
function wrongPromise(row: Row, { scenario, roundingPct = 0 }: Document): string | undefined {
  const plannedS = row['planned_time_s'];
  if (plannedS === null || plannedS === undefined) return undefined;
  const { policy } = row;
  const within = ROUNDING + (2 * roundingPct) / 100;
  const plannedJ = row['planned_energy_j']!;
  const { timing, communication, clocks, power } = scenario;
  const isPlain =
    timing.loadingS === 0 &&
    timing.transferS === 0 &&
    communication === undefined &&
    clocks.switchS === 0 &&
    power.blockingAtHighestClockW === undefined;
  return firstOf([
    !(plannedS > 0) && `${policy}: planned to take ${plannedS} s`,
    !(plannedJ > 0) && `${policy}: planned to use ${plannedJ} J`,
    isPlain &&
      !isClose(plannedS, row['simulated_time_s']!, within) &&
      `${policy}: planned ${plannedS} s, simulated ${row['simulated_time_s']} s`,
    isPlain &&
      !isClose(plannedJ, row['simulated_energy_j']!, 2 * within + 0.02) &&
      `${policy}: planned ${plannedJ} J, simulated ${row['simulated_energy_j']} J`,
  ]);
}
