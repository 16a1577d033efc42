import { compensatedSum, CompensatedSums } from '../../src/compensated-sum.js';
import { ACCOUNT_KEYS, perAccount } from './accounts.js';
import type { Ledger } from './ledger.js';

/**
 * The ledger of several iterations or, with weights, the mean of several runs. Ledgers are added as
 * they come; only the last one is kept.
 */
export class LedgerSum {
  private readonly sums = perAccount(compensatedSum);
  private readonly total = compensatedSum();
  private compute: CompensatedSums | undefined;
  private last: { readonly ledger: Ledger; times: number } | undefined;

  /** Adds a ledger this many times. */
  add(ledger: Ledger, times = 1): void {
    if (this.last?.ledger === ledger) {
      this.last.times += times;
      return;
    }
    this.addLast();
    this.last = { ledger, times };
  }

  /** The sum, account by account. @throws RangeError if nothing was added. */
  value(): Ledger {
    const { last } = this;
    if (last === undefined) throw new RangeError('no ledger was added');
    if (this.compute === undefined && last.times === 1) return last.ledger;
    this.addLast();
    this.last = { ledger: last.ledger, times: 0 };
    return {
      computeJ: this.compute!.values(),
      ...perAccount((account) => this.sums[account].value()),
      totalJ: this.total.value(),
    };
  }

  private addLast(): void {
    if (this.last === undefined) return;
    const { ledger, times } = this.last;
    const { computeJ, totalJ } = ledger;
    this.compute ??= new CompensatedSums(computeJ.length);
    for (let op = 0; op < computeJ.length; op++) this.compute.add(op, times * computeJ[op]!);
    for (const account of ACCOUNT_KEYS) this.sums[account].add(times * ledger[account]);
    this.total.add(times * totalJ);
  }
}
