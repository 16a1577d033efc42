import type { Account } from '../energy/accounts.js';
import type { PolicyName } from '../../src/planner/policy-names.js';

/** A colour on light paper, and its replacement on dark paper. */
export interface Colour {
  /** Hexadecimal, `#0072b2`. Pictures name colours by it, and no two colours share it. */
  readonly light: string;
  readonly dark: string;
}

/** The look of something drawn: distinguished by colour, dashes and shape. */
export interface Look {
  readonly colour: Colour;
  /** Lengths of dashes and gaps; a solid line is `[1, 0]`. */
  readonly dash: readonly number[];
  /** The path of a mark within the square from −1 to 1. */
  readonly shape: string;
}

/** Colours that colour-blind people can tell apart (Okabe and Ito 2008), and those of paper and ink. */
export const PALETTE = {
  paper: { light: '#ffffff', dark: '#14171b' },
  ink: { light: '#1c2126', dark: '#e4e8ec' },
  blue: { light: '#0072b2', dark: '#4ba3da' },
  vermilion: { light: '#d55e00', dark: '#f0793a' },
  green: { light: '#009e73', dark: '#2fbf95' },
  purple: { light: '#cc79a7', dark: '#dc92bb' },
  orange: { light: '#e69f00', dark: '#e8a51d' },
  sky: { light: '#56b4e9', dark: '#7cc6f0' },
  yellow: { light: '#f0e442', dark: '#f3e95f' },
  grey: { light: '#8b949e', dark: '#8b959f' },
  wine: { light: '#882255', dark: '#c2608f' },
} as const satisfies Record<string, Colour>;

const SHAPES = {
  square: 'M-.8-.8H.8V.8H-.8Z',
  diamond: 'M0-1 1 0 0 1-1 0Z',
  triangle: 'M0-.95.95.8H-.95Z',
  pointDown: 'M0 .95.95-.8H-.95Z',
  circle: 'M-.85 0A.85.85 0 1 1 .85 0 .85.85 0 1 1-.85 0Z',
  hourglass: 'M-.85-.85H.85L-.85.85H.85Z',
  cross: 'M-.35-1H.35V-.35H1V.35H.35V1H-.35V.35H-1V-.35H-.35Z',
} as const;

const SOLID = [1, 0] as const;

/** The look of each policy, in every report, picture and page. */
const POLICY_LOOKS: Readonly<Record<PolicyName, Look>> = {
  'max-frequency': { colour: PALETTE.ink, dash: SOLID, shape: SHAPES.square },
  'zeus-global': { colour: PALETTE.purple, dash: [2, 3], shape: SHAPES.diamond },
  'zeus-per-stage': { colour: PALETTE.orange, dash: [8, 3], shape: SHAPES.triangle },
  envpipe: { colour: PALETTE.vermilion, dash: [8, 3, 2, 3], shape: SHAPES.pointDown },
  perseus: { colour: PALETTE.blue, dash: SOLID, shape: SHAPES.circle },
  'perseus-hull': { colour: PALETTE.green, dash: [5, 3], shape: SHAPES.cross },
  'perseus-flat': { colour: PALETTE.wine, dash: [10, 2], shape: SHAPES.hourglass },
};

/** Looks of external planners, in turn. */
const OTHER_LOOKS: readonly Look[] = [
  { colour: PALETTE.sky, dash: [6, 2, 2, 2], shape: SHAPES.diamond },
  { colour: PALETTE.grey, dash: [1, 2], shape: SHAPES.triangle },
  { colour: PALETTE.yellow, dash: [3, 3], shape: SHAPES.square },
];

/** Looks of sources of the paper's figures, in the order of legends. */
export const SOURCE_LOOKS = {
  published: { colour: PALETTE.ink, dash: SOLID, shape: SHAPES.square },
  planned: { colour: PALETTE.vermilion, dash: [6, 3], shape: SHAPES.triangle },
  simulated: { colour: PALETTE.blue, dash: [2, 2], shape: SHAPES.circle },
} as const satisfies Record<string, Look>;

/** Executed plans as measured: rings. */
export const MEASURED_LOOK: Look = {
  colour: PALETTE.grey,
  dash: SOLID,
  shape: SHAPES.circle,
};

/** A result that is kept for comparison: hollow, in a shape that no policy has. */
export const PINNED_LOOK: Look = {
  colour: PALETTE.ink,
  dash: SOLID,
  shape: 'M0-1 .26-.36 .95-.31 .43 .14 .59 .81 0 .45-.59 .81-.43 .14-.95-.31-.26-.36Z',
};

/** The look of one of pipewatt's policies. */
export function policyLook(policy: PolicyName): Look {
  return POLICY_LOOKS[policy];
}

/** Looks of policies, external planners included. */
export function policyLooks(policies: readonly string[]): Look[] {
  const isOurs = (policy: string): policy is PolicyName => Object.hasOwn(POLICY_LOOKS, policy);
  const others = policies.filter((policy) => !isOurs(policy));
  return policies.map((policy) =>
    isOurs(policy)
      ? POLICY_LOOKS[policy]
      : OTHER_LOOKS[others.indexOf(policy) % OTHER_LOOKS.length]!,
  );
}

/** The look of an account. */
export interface AccountLook {
  readonly colour: Colour;
  /** Angle of the stripes of waiting accounts, in degrees. */
  readonly hatchDeg?: number;
}

/** The look of every account of the ledger, in the order of bars and tables. */
export const ACCOUNT_LOOKS: Readonly<Record<Account, AccountLook>> = {
  totalComputeJ: { colour: PALETTE.blue },
  pipelineBlockingJ: { colour: PALETTE.orange, hatchDeg: 45 },
  stragglerBlockingJ: { colour: PALETTE.vermilion, hatchDeg: -45 },
  stallJ: { colour: PALETTE.purple, hatchDeg: 0 },
  loadingJ: { colour: PALETTE.sky },
  communicationJ: { colour: PALETTE.green },
  clockChangeJ: { colour: PALETTE.yellow },
  iterationConstantJ: { colour: PALETTE.grey },
  synchronisationJ: { colour: PALETTE.wine, hatchDeg: 90 },
};

/** The accounts in the order of bars and tables. */
export const DRAWN_ACCOUNTS = Object.keys(ACCOUNT_LOOKS) as Account[];
