import { INSTRUCTION_KINDS, type InstructionKind } from '../../src/profile/operation.js';
import type { ComputationDag } from '../../src/pipeline/dag.js';
import { ACCOUNT_KEYS, accountName, COMPUTING } from '../energy/accounts.js';
import type { Ledger } from '../energy/ledger.js';

/**
 * Energy of one account, all GPUs of the job and all iterations. Every joule is in exactly one row:
 * a policy's rows add up to its `simulated_energy_j`.
 *
 * @example
 * ```ts
 * import { readScenario, runScenario, type LedgerRow } from 'pipewatt';
 *
 * const run = await runScenario(await readScenario('scenario.yaml'));
 * const sum = (rows: readonly LedgerRow[]) => rows.reduce((total, row) => total + row.energyJ, 0);
 * const waiting = run.ledger.filter(({ account }) => account === 'straggler_blocking');
 * console.log(waiting.map(({ policy }) => policy)); // [ 'max-frequency', 'zeus-global', 'perseus' ]
 * console.log((sum(waiting.slice(-1)) / sum(waiting.slice(0, 1))).toFixed(2)); // 0.25
 * ```
 */
export interface LedgerRow {
  readonly policy: string;
  /** `total_compute`, `pipeline_blocking` and others, as in the table `ledger` of a sweep. */
  readonly account: string;
  /** For `total_compute`: the stage, from 0, and the kind of instruction; null for all others. */
  readonly stage: number | null;
  readonly instruction: InstructionKind | null;
  /** J */
  readonly energyJ: number;
}

/** A policy's accounts; computing by stage and kind of instruction. */
export function ledgerRows(policy: string, ledger: Ledger, dag: ComputationDag): LedgerRow[] {
  return ACCOUNT_KEYS.flatMap((key): LedgerRow[] => {
    const account = accountName(key);
    return key === COMPUTING
      ? computing(ledger, dag).map((row) => ({ policy, account, ...row }))
      : [{ policy, account, stage: null, instruction: null, energyJ: ledger[key] }];
  });
}

/** Energy of computing, by stage and kind of instruction. */
function computing({ computeJ }: Ledger, { stageCount, operations }: ComputationDag) {
  return Array.from({ length: stageCount }, (_, stage) => stage).flatMap((stage) =>
    INSTRUCTION_KINDS.flatMap((instruction) => {
      const ofBoth = operations.flatMap((operation, op) =>
        operation.stage === stage && operation.kind === instruction ? [computeJ[op]!] : [],
      );
      const energyJ = ofBoth.reduce((sum, one) => sum + one, 0);
      return ofBoth.length === 0 ? [] : [{ stage, instruction, energyJ }];
    }),
  );
}
