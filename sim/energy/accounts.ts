import type { Activity } from '../training/phases.js';
import type { IdlePower } from './gpu-powers.js';

/** An account of the ledger. */
interface AccountDescription {
  /** The category of its slices in traces. */
  readonly category: string;
  /** The account as named in reports. */
  readonly title: string;
  /** The activities that fill it, each with the power at which it is booked. */
  readonly activities: Readonly<Partial<Record<Activity, 'computing' | IdlePower>>>;
}

/**
 * The accounts of the ledger, which add up to its total. A key is the account's name in JSON; its
 * name in SQL is derived from it. Sums of ledgers, results, traces, charts and the page loop over
 * this table.
 *
 * A new account is an entry here, an activity that fills it (`INSTRUCTION_PHASES`, `AFTER_MEETING`)
 * and its look (`sim/report/looks.ts`).
 */
export const ACCOUNTS = {
  totalComputeJ: {
    category: 'compute',
    title: 'computing',
    activities: { computing: 'computing' },
  },
  pipelineBlockingJ: {
    category: 'pipeline blocking',
    title: 'waiting for a stage',
    activities: { 'waiting for a stage': 'waiting' },
  },
  stragglerBlockingJ: {
    category: 'straggler blocking',
    title: 'waiting for a pipeline',
    activities: { 'waiting for a pipeline': 'waiting' },
  },
  stallJ: {
    category: 'stall',
    title: 'stalled',
    activities: { stalled: 'waiting' },
  },
  loadingJ: {
    category: 'loading',
    title: 'loading',
    activities: { loading: 'waiting' },
  },
  communicationJ: {
    category: 'communication',
    title: 'communicating',
    activities: { communicating: 'communicating' },
  },
  synchronisationJ: {
    category: 'synchronisation',
    title: 'gradients and optimizer',
    activities: { 'reducing gradients': 'communicating', synchronising: 'synchronising' },
  },
  iterationConstantJ: {
    category: 'iteration constant',
    title: 'between iterations',
    activities: { 'between iterations': 'waiting' },
  },
  clockChangeJ: {
    category: 'clock change',
    title: 'changing clock',
    activities: { 'changing clock': 'waiting' },
  },
} as const satisfies Readonly<Record<`${string}J`, AccountDescription>>;

/** An account by its key. */
export type Account = keyof typeof ACCOUNTS;

/** Keys of the accounts in the order of the table, which is also the order of sums and output. */
export const ACCOUNT_KEYS = Object.keys(ACCOUNTS) as Account[];

/** The account for computing, which ledgers also keep by operation. */
export const COMPUTING = 'totalComputeJ' satisfies Account;

/** The name of an account, or of the total, in tables of results: `stragglerBlockingJ` → `straggler_blocking`. */
export function accountName(key: Account | 'totalJ'): string {
  return key.replace(/J$/, '').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** A value for each account, in the order of the table. */
export function perAccount<T>(valueOf: (account: Account) => T): Record<Account, T> {
  const entries = ACCOUNT_KEYS.map((account) => [account, valueOf(account)] as const);
  return Object.fromEntries(entries) as Record<Account, T>;
}

/** Activities that are booked in an account. */
type BookedActivity = { [A in Account]: keyof (typeof ACCOUNTS)[A]['activities'] }[Account];

/** The power at which an activity is booked. */
type PowerOf<X> = {
  [A in Account]: X extends keyof (typeof ACCOUNTS)[A]['activities']
    ? (typeof ACCOUNTS)[A]['activities'][X]
    : never;
}[Account];

/** The account of each activity, and the power at which it is booked. */
type Bookings<X extends Activity> = {
  readonly [Y in X]: { readonly account: Account; readonly power: PowerOf<Y> };
};

/**
 * The account of each activity, in the order of the accounts; does not compile if one is missing.
 */
export const BOOKINGS: Bookings<Activity> = bookings();

function bookings(): Bookings<BookedActivity> {
  const entries = ACCOUNT_KEYS.flatMap((account) =>
    Object.entries(ACCOUNTS[account].activities).map(
      ([activity, power]) => [activity, { account, power }] as const,
    ),
  );
  return Object.fromEntries(entries) as Bookings<BookedActivity>;
}
