import { compensatedSum } from '../../../src/compensated-sum.js';

/** An account of the energy that a control of power adds, or saves if it is negative. */
interface FlatteningAccountDescription {
  /** The account as named in reports. */
  readonly title: string;
  /** The section of `flatten` that fills it. */
  readonly control: 'stagger' | 'cap' | 'ballast' | 'smoothing' | 'storage';
}

/**
 * Joules that flattening adds to a run, each booked once: the energy afterwards is that of the
 * ledger plus these accounts. They lie beside the ledger's accounts, which stay those of the job as
 * it would run without any control. A key is the account's name in JSON; tables loop over this list.
 */
export const FLATTENING_ACCOUNTS = {
  staggerWaitingJ: { title: 'waiting for staggered starts', control: 'stagger' },
  capComputingJ: { title: 'computing at lower clocks', control: 'cap' },
  capWaitingJ: { title: 'waiting for capped stages', control: 'cap' },
  ballastJ: { title: 'ballast', control: 'ballast' },
  floorJ: { title: 'held at the floor', control: 'smoothing' },
  rampDownJ: { title: 'ramping down', control: 'smoothing' },
  rampUpJ: { title: 'waiting for ramps up', control: 'smoothing' },
  storageLossJ: { title: 'lost in storage', control: 'storage' },
  storedJ: { title: 'more in storage at the end', control: 'storage' },
} as const satisfies Readonly<Record<`${string}J`, FlatteningAccountDescription>>;

/** An account by its key. */
export type FlatteningAccount = keyof typeof FLATTENING_ACCOUNTS;

/** Keys in the order of the table. */
export const FLATTENING_ACCOUNT_KEYS = Object.keys(FLATTENING_ACCOUNTS) as FlatteningAccount[];

/** Joules by account. */
export type FlatteningEnergies = Readonly<Record<FlatteningAccount, number>>;

/** Adds up the accounts of iterations. */
export class FlatteningSum {
  private readonly sums = perFlatteningAccount(compensatedSum);

  /** Adds the accounts that are given. */
  add(energiesJ: Partial<FlatteningEnergies>): void {
    for (const account of FLATTENING_ACCOUNT_KEYS) this.sums[account].add(energiesJ[account] ?? 0);
  }

  /** Account by account. */
  values(): FlatteningEnergies {
    return perFlatteningAccount((account) => this.sums[account].value());
  }
}

/** The sum of all accounts. */
export function totalOfAccountsJ(energiesJ: FlatteningEnergies): number {
  const sum = compensatedSum();
  for (const account of FLATTENING_ACCOUNT_KEYS) sum.add(energiesJ[account]);
  return sum.value();
}

/** A value for each account, in the order of the table. */
function perFlatteningAccount<T>(
  valueOf: (account: FlatteningAccount) => T,
): Record<FlatteningAccount, T> {
  const entries = FLATTENING_ACCOUNT_KEYS.map((account) => [account, valueOf(account)] as const);
  return Object.fromEntries(entries) as Record<FlatteningAccount, T>;
}
