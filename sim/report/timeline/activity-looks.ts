import { ACCOUNTS, BOOKINGS } from '../../energy/accounts.js';
import type { Activity } from '../../training/phases.js';
import { ACCOUNT_LOOKS } from '../looks.js';

/** The direction of stripes as drawn. */
export type Stripes = 'rising' | 'falling' | 'level' | 'upright';

/** The look of an activity other than computing. */
export interface ActivityLook {
  /** The light colour, by which pictures name it. */
  readonly colour: string;
  readonly stripes?: Stripes;
  /** Waiting takes the whole height of a lane, other activities a part. */
  readonly isWaiting: boolean;
  readonly title: string;
}

/** Directions of stripes by the angle of the gradient that makes them elsewhere. */
const STRIPES: Readonly<Record<number, Stripes>> = {
  45: 'falling',
  [-45]: 'rising',
  0: 'level',
  90: 'upright',
};

/** The look of an activity other than computing: that of its account in the ledger. */
export function activityLook(activity: Activity): ActivityLook {
  const { account } = BOOKINGS[activity];
  const { colour, hatchDeg } = ACCOUNT_LOOKS[account];
  return {
    colour: colour.light,
    ...(hatchDeg === undefined ? {} : { stripes: STRIPES[hatchDeg]! }),
    isWaiting: activity === 'waiting for a stage' || activity === 'waiting for a pipeline',
    title: ACCOUNTS[account].title,
  };
}
