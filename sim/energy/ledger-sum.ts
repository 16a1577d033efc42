import { compensatedSum } from '../../src/compensated-sum.js';
import { perAccount } from './accounts.js';
import type { Ledger } from './ledger.js';

/** The ledger of several iterations or, with weights, the mean of several runs. */
export class LedgerSum {
  private readonly ledgers: { readonly ledger: Ledger; times: number }[] = [];

  /** Adds a ledger this many times. */
  add(ledger: Ledger, times = 1): void {
    const last = this.ledgers.at(-1);
    if (last?.ledger === ledger) last.times += times;
    else this.ledgers.push({ ledger, times });
  }

  /** The sum, account by account. @throws RangeError if nothing was added. */
  value(): Ledger {
    const [first] = this.ledgers;
    if (first === undefined) throw new RangeError('no ledger was added');
    if (this.ledgers.length === 1 && first.times === 1) return first.ledger;
    const sum = (account: (ledger: Ledger) => number): number => {
      const total = compensatedSum();
      for (const { ledger, times } of this.ledgers) total.add(times * account(ledger));
      return total.value();
    };
    return {
      computeJ: first.ledger.computeJ.map((_, op) => sum((ledger) => ledger.computeJ[op]!)),
      ...perAccount((account) => sum((ledger) => ledger[account])),
      totalJ: sum((ledger) => ledger.totalJ),
    };
  }
}
