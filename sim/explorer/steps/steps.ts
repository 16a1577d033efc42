import { fixed } from '../../report/numbers.js';
import type { Scenario } from '../../scenario/scenario-schema.js';
import { stragglerSlowdown, withStraggler } from '../edits.js';
import { startingWhatIf } from '../what-if.js';
import type { PolicyFacts, RunFacts } from '../../viewer/run-facts.js';
import {
  balancedScenario,
  headOf,
  stragglerScenario,
  unequalScenario,
  withHead,
} from './step-scenarios.js';

/** One step of the explanation: a preset with sentences and one control. */
export interface Step {
  readonly title: string;
  /** One or two sentences on what is seen. */
  readonly lead: string;
  readonly scenario: () => Scenario;
  /** The one control; the last step has all of them, the plan's step the timeline's own. */
  readonly control?: StepControl;
  /** The line above what is dragged or pressed. */
  readonly task: string;
  /** The number that is large: how long GPUs wait, or the energy saved. */
  readonly headline: 'waiting' | 'saving';
  /** Whether the highest clocks are drawn at first instead of the best plan. */
  readonly isBeforePlanning: boolean;
  readonly answers: readonly StepAnswer[];
}

/** A slider on the scenario of a step. */
export interface StepControl {
  readonly label: string;
  readonly unit?: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly value: (scenario: Scenario) => number;
  readonly change: (scenario: Scenario, value: number) => Scenario;
}

/** A question that a newcomer asks, and its answer. */
export interface StepAnswer {
  readonly question: string;
  /** @param figures of the run on the screen, as texts; dots until it is there. */
  readonly answer: (figures: StepFigures) => string;
}

/** Figures of a run, as the sentences of the steps tell them. */
export interface StepFigures {
  readonly gpus: string;
  readonly waitingPower: string;
  readonly computingPower: string;
  /** Percent of the GPUs' time. */
  readonly waits: string;
  readonly waitsForStraggler: string;
  readonly imbalance: string;
  readonly timeBefore: string;
  readonly timeAfter: string;
  readonly saved: string;
  readonly savedComputing: string;
  readonly savedWaiting: string;
}

const UNKNOWN = '…';

/** The figures of a run: the highest clocks, and the policy that is compared with them. */
export function stepFigures(facts: RunFacts | undefined, policy: string | undefined): StepFigures {
  const before = facts?.policies.find((one) => one.policy === 'max-frequency');
  const after = facts?.policies.find((one) => one.policy === policy);
  const text = (value: number | undefined, digits = 0) =>
    value === undefined ? UNKNOWN : fixed(value, digits);
  const computingJ = (one: PolicyFacts) => one.energyJ - one.waitingJ;
  const pointsOf = (energyOf: (one: PolicyFacts) => number) =>
    before && after && (100 * (energyOf(before) - energyOf(after))) / before.energyJ;
  return {
    gpus: facts?.gpus.toLocaleString('en') ?? UNKNOWN,
    waitingPower: text(facts?.waitingPowerW),
    computingPower: text(before?.computingPowerW),
    waits: text(before && before.waitsForStagesPct + before.waitsForStragglerPct),
    waitsForStraggler: text(before?.waitsForStragglerPct),
    imbalance: text(
      facts?.imbalanceRatio === undefined ? undefined : 100 * (facts.imbalanceRatio - 1),
    ),
    timeBefore: text(before?.timeS, 2),
    timeAfter: text(after?.timeS, 2),
    saved: text(after?.savingPct, 1),
    savedComputing: text(pointsOf(computingJ), 1),
    savedWaiting: text(
      pointsOf(({ waitingJ }) => waitingJ),
      1,
    ),
  };
}

const HEAD_CONTROL: StepControl = {
  label: 'Work of the head, in layers',
  ...{ min: 0, max: 8, step: 0.5 },
  value: headOf,
  change: withHead,
};

/** The steps, in order. The last is the user's own what-if. */
export const STEPS: readonly Step[] = [
  {
    title: 'A balanced pipeline',
    lead: 'A model that is too large for one GPU is cut into stages, which work like an assembly line. Here all four stages have equal work. Even so, GPUs wait while the line fills and drains.',
    scenario: balancedScenario,
    control: {
      label: 'Microbatches',
      ...{ min: 2, max: 32, step: 1 },
      value: ({ pipeline }) => pipeline.microbatches,
      change: (scenario, microbatches) => ({
        ...scenario,
        pipeline: { ...scenario.pipeline, microbatches },
      }),
    },
    task: 'Drag: the more microbatches pass through, the smaller the part that is lost.',
    headline: 'waiting',
    isBeforePlanning: true,
    answers: [
      {
        question: 'What is a stage, and what is a microbatch?',
        answer: () =>
          'A stage is some of the model’s layers on GPUs of their own: a lane of the picture. The data of one training iteration are cut into microbatches. Each passes forward through all stages and then backward, which takes about twice as long.',
      },
      {
        question: 'Why do GPUs wait?',
        answer: ({ waits }) =>
          `A stage can only compute what its neighbour has handed on. The first microbatch needs a while to reach the last stage, and the last one to come back: this is the bubble. At the highest clocks, the GPUs wait for ${waits} % of the time.`,
      },
      {
        question: 'What power do they draw while they wait?',
        answer: ({ waitingPower, computingPower }) =>
          `They are not off: a waiting GPU keeps asking for its next message and draws ${waitingPower} W (the blocking power), against ${computingPower} W while it computes.`,
      },
    ],
  },
  {
    title: 'Stages are never equal',
    lead: 'A model is cut between layers, and the last stage also has the head, which turns its output into words. All other stages race at the highest clock, and then wait for the heaviest one, with every microbatch.',
    scenario: unequalScenario,
    control: HEAD_CONTROL,
    task: 'Drag: the heavier the head, the longer the others wait for its stage.',
    headline: 'waiting',
    isBeforePlanning: true,
    answers: [
      {
        question: 'Why not cut all stages equally?',
        answer: ({ imbalance }) =>
          `Layers cannot be divided among stages, and embedding and head are layers unlike the others. The best cut still leaves some stages with more work. Here the slowest stage takes ${imbalance} % longer than the fastest.`,
      },
      {
        question: 'What is intrinsic bloat?',
        answer: () =>
          'The energy that a pipeline spends on being early: computing at a high clock only in order to wait for a heavier stage. It is there when everything works as it should.',
      },
    ],
  },
  {
    title: 'Slow down what waits',
    lead: 'Perseus, the planner, slows down everything that would have to wait anyway, just so much that it is done when it is needed. The waiting becomes slower computing, which takes less energy.',
    scenario: unequalScenario,
    control: HEAD_CONTROL,
    task: 'Switch between the highest clocks and the plan below; drag to change what it has to work with.',
    headline: 'saving',
    isBeforePlanning: false,
    answers: [
      {
        question: 'What does the planner change?',
        answer: () =>
          'Only the clock of the GPUs, for every forward and backward of every stage. Model, data, order and result of the training stay as they are. Near its highest clock a GPU pays for the last bit of speed with much power, so that slower computing takes less energy.',
      },
      {
        question: 'Why is training not slower?',
        answer: ({ timeBefore, timeAfter }) =>
          `Computations that everything else depends on (underlined in the picture) keep the highest clock. The others end just before they are needed. An iteration takes ${timeBefore} s before and ${timeAfter} s after planning.`,
      },
      {
        question: 'How much is saved, and of what?',
        answer: ({ saved, savedComputing, savedWaiting, gpus }) =>
          `${saved} % of the energy that all ${gpus} GPUs use in an iteration: ${savedComputing} points in computing at lower clocks, ${savedWaiting} in waiting.`,
      },
    ],
  },
  {
    title: 'A straggler',
    lead: 'Large jobs train many copies of the pipeline, which all meet at the end of an iteration to add up what they learned. One copy is slow, because its GPUs are hot or its storage is busy: all others are early for nothing, unless they slow down too.',
    scenario: stragglerScenario,
    control: {
      label: 'Straggler slowdown',
      unit: '×',
      ...{ min: 1, max: 2, step: 0.05 },
      value: stragglerSlowdown,
      change: withStraggler,
    },
    task: 'Drag: the slower one copy is, the more all others save by waiting less.',
    headline: 'saving',
    isBeforePlanning: false,
    answers: [
      {
        question: 'What is extrinsic bloat?',
        answer: ({ waitsForStraggler }) =>
          `The energy that healthy pipelines spend on being early for a straggler. At the highest clocks, the GPUs wait for it ${waitsForStraggler} % of the time.`,
      },
      {
        question: 'How do the others know how slow to be?',
        answer: () =>
          'The planner has a plan for every iteration time: the frontier below. When a straggler is noticed, the healthy pipelines take the plan that ends together with it, and go back when it has recovered.',
      },
    ],
  },
  {
    title: 'Your job',
    lead: 'Choose a job, or bring the profile of your own, and change anything: everything is planned and simulated again at once.',
    scenario: () => startingWhatIf().scenario,
    task: '',
    headline: 'saving',
    isBeforePlanning: false,
    answers: [
      {
        question: 'How sure are the figures?',
        answer: () =>
          'Savings planned from measured profiles equal the published ones within 0.1 points. Simulated savings of measured jobs are within 0.54 points of measurements on average, 3.0 at worst. Where a model was not measured on a GPU, its times come from its operators, and the saving is shown as a range.',
      },
    ],
  },
];
