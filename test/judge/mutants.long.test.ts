import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { comparePlanners, type Verdict } from '../../sim/judge/comparison.js';
import type { Judgement } from '../../sim/judge/judge-planner.js';
import { suiteCases, type JudgedCase } from '../../sim/judge/suites.js';
import { judgeCases } from '../../sim/plugins/judge-cases.js';
import type { ProcessOptions } from '../../sim/plugins/planner-process.js';
import { projectFile } from '../support/files.js';

/** One fault in the compiled planner: a text and its replacement. */
interface Mutant {
  readonly fault: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly verdicts: readonly Verdict[];
  /** The suite that shows it; `smoke` if left out. */
  readonly on?: 'hanging' | 'small' | 'random';
}

const WALK = 'src/planner/perseus/min-cut-walk.js';
const FLOW = 'src/planner/perseus/max-flow.js';
const FRONTIER = 'src/planner/perseus/stored-frontier.js';
const NETWORK = 'src/planner/perseus/network.js';
const MARGINALS = 'src/planner/perseus/marginals.js';
const COSTS = 'src/profile/operation-costs.js';

const MUTANTS: readonly Mutant[] = [
  {
    fault: 'wrong sign of a lower bound',
    file: WALK,
    from: 'this.flow.residual[forth[arc]] = this.upperBound(arc) - this.lowerBound(arc);',
    to: 'this.flow.residual[forth[arc]] = this.upperBound(arc) + this.lowerBound(arc);',
    verdicts: ['worse'],
  },
  {
    fault: 'forgotten slow-down',
    file: WALK,
    from: 'this.durationTicks[arc] < this.maxTicks[this.operation[arc]];',
    to: 'false;',
    verdicts: ['worse'],
    on: 'random',
  },
  {
    fault: 'off by one in T',
    file: FRONTIER,
    from: 'return this.planOf(Math.min(ticks, this.slowestTicks));',
    to: 'return this.planOf(Math.min(ticks + 1, this.slowestTicks));',
    verdicts: ['broken'],
  },
  {
    fault: 'plans a tick faster than asked',
    file: FRONTIER,
    from: 'return this.planOf(Math.min(ticks, this.slowestTicks));',
    to: 'return this.planOf(Math.max(this.fastestTicks, Math.min(ticks, this.slowestTicks) - 20));',
    verdicts: ['worse'],
  },
  {
    fault: 'rounding clocks up',
    file: COSTS,
    from: 'return options[lastPassing(0, options.length - 1, isFastEnough)];',
    to: 'return options[Math.min(lastPassing(0, options.length - 1, isFastEnough) + 1, options.length - 1)];',
    verdicts: ['broken'],
  },
  {
    fault: 'rounding clocks one too fast',
    file: COSTS,
    from: 'return options[lastPassing(0, options.length - 1, isFastEnough)];',
    to: 'return options[Math.max(lastPassing(0, options.length - 1, isFastEnough) - 1, 0)];',
    verdicts: ['worse'],
  },
  {
    fault: 'dropped dependency',
    file: NETWORK,
    from: 'for (let a = first; a < end; a++)\n            addArc(',
    to: 'for (let a = first; a < end - 1; a++)\n            addArc(',
    verdicts: ['broken'],
    on: 'hanging',
  },
  {
    fault: 'stale flow: reachable nodes are not brought up to date',
    file: WALK,
    from: 'this.flow.open(this.network.forth[arc]);',
    to: '',
    verdicts: ['broken', 'worse'],
    on: 'hanging',
  },
  {
    fault: 'stale flow: arcs that have gone slack go on carrying it',
    file: WALK,
    from: 'residual[forth] = 0;\n            residual[back] = 0;\n            return;',
    to: 'return;',
    verdicts: ['worse', 'broken'],
    on: 'small',
  },
  {
    fault: 'flow is not sent back',
    file: FLOW,
    from: 'this.residual[back] += sent;',
    to: '',
    verdicts: ['worse', 'broken'],
    on: 'random',
  },
  {
    fault: 'marginal costs are halved for durations beyond the middle',
    file: MARGINALS,
    from: 'value[at] = costJ[k] - costJ[k + 1];',
    to: 'value[at] = (costJ[k] - costJ[k + 1]) * (at % 3);',
    verdicts: ['worse'],
  },
  {
    fault: 'blocking power is forgotten',
    file: COSTS,
    from: 'costJ: option.energyJ - tickPowerJ * option.durationTicks,',
    to: 'costJ: option.energyJ,',
    verdicts: ['worse'],
    on: 'small',
  },
  {
    fault: 'options are not filtered',
    file: COSTS,
    from: 'oneOptionPerTick(usefulOptions(allOptions, origin))',
    to: 'oneOptionPerTick(allOptions.slice(0, 3))',
    verdicts: ['worse'],
  },
  {
    fault: 'stops before T_min',
    file: WALK,
    from: 'if (!this.flow.run())',
    to: 'if (!this.flow.run() || this.lengthTicks % 97 === 0)',
    verdicts: ['worse'],
  },
  {
    fault: 'missing instruction',
    file: 'src/planner/tick-plan.js',
    from: 'frequencyMHz: Float64Array.from(durationTicks,',
    to: 'frequencyMHz: Float64Array.from(durationTicks.subarray(1),',
    verdicts: ['broken'],
  },
  {
    fault: 'promises NaN',
    file: FRONTIER,
    from: 'return pipelineEnergyJ(this.problem, this.steps.energyAt(ticks), timeS);',
    to: 'return pipelineEnergyJ(this.problem, this.steps.energyAt(ticks), timeS) * (0 / 0);',
    verdicts: ['broken'],
  },
  {
    fault: 'never ends',
    file: WALK,
    from: 'this.moveCut(this.ticksToNextEvent());',
    to: 'this.ticksToNextEvent();',
    verdicts: ['broken'],
    on: 'hanging',
  },
];

const LIMITS: ProcessOptions = { workers: 2, timeLimitS: 15, onProgress: () => undefined };

/** A copy of the planner with a fault, and a module that plans with it. */
function plant(folder: string, { file, from, to }: Mutant): string {
  cpSync(projectFile('dist/src'), join(folder, 'src'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const path = join(folder, file);
  const sound = readFileSync(path, 'utf8');
  if (sound.split(from).length !== 2) throw new Error(`${file} does not have once: ${from}`);
  writeFileSync(path, sound.replace(from, to));
  const planner = join(folder, 'planner.js');
  writeFileSync(planner, REPLAN);
  return pathToFileURL(planner).href;
}

/** The judge tabulates costs with the sound code: a faulty table has to be made again. */
const REPLAN = `
import { operationCosts } from './src/profile/operation-costs.js';
import { perseus } from './src/planner/perseus/perseus.js';
export default {
  name: 'mutant',
  plan: (problem) =>
    perseus.plan({
      ...problem,
      operations: problem.operations.map((op) => operationCosts(op, op.allOptions, problem)),
    }),
};
`;

const judgeSound = (of: readonly JudgedCase[]) =>
  judgeCases(
    { kind: 'built-in', name: 'perseus' },
    of,
    of.map(() => []),
    LIMITS,
  );
const smoke = suiteCases('smoke', []).filter(({ name }) => name !== 'a huge range of times');
const wild = suiteCases('wild', []);
const isSmall = ({ scenario: { pipeline } }: JudgedCase) =>
  pipeline.stages * pipeline.microbatches <= 64;
const SUITES = {
  smoke,
  /** For planners that hang: each case takes the time limit. */
  hanging: smoke.slice(0, 2),
  /** For effects that are rare or small. */
  small: wild.filter(isSmall).slice(0, 60),
  /** For effects that show in large jobs only: as many as it takes. */
  random: wild.slice(0, 60),
};
const known = new Map<readonly JudgedCase[], Promise<Judgement[]>>();
const soundOn = (cases: readonly JudgedCase[]) => {
  const judged = known.get(cases) ?? judgeSound(cases);
  known.set(cases, judged);
  return judged;
};
const timesToMeet = (judged: Judgement) => ('broken' in judged ? [] : [judged.fastest.timeS]);

for (const mutant of MUTANTS) {
  test.serial(`a planted fault is caught: ${mutant.fault}`, async (t) => {
    t.timeout(120_000);
    const folder = mkdtempSync(join(tmpdir(), 'mutant-'));
    try {
      const url = plant(folder, mutant);
      const cases = SUITES[mutant.on ?? 'smoke'];
      const sound = await soundOn(cases);
      const judged = await judgeCases(
        { kind: 'module', url },
        cases,
        sound.map(timesToMeet),
        mutant.on === 'hanging' ? { ...LIMITS, timeLimitS: 2 } : LIMITS,
      );
      const { verdict, reason } = comparePlanners(sound, judged, { seed: 1 });
      t.log(`${verdict}: ${reason}`);
      t.true(mutant.verdicts.includes(verdict), reason);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

test.serial('the planner without a fault is the same', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'mutant-'));
  try {
    const from = 'return pipelineEnergyJ(this.problem, this.steps.energyAt(ticks), timeS);';
    const url = plant(folder, { ...MUTANTS[0]!, file: FRONTIER, from, to: from });
    const judged = await judgeCases(
      { kind: 'module', url },
      smoke,
      smoke.map(() => []),
      LIMITS,
    );
    const { verdict, reason } = comparePlanners(await soundOn(smoke), judged, { seed: 1 });
    t.is(verdict, 'same', reason);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
