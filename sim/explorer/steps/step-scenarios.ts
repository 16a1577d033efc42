import { scenarioSchema, type Scenario } from '../../scenario/scenario-schema.js';

/** Layers of GPT-3 175B, of which every stage of the first steps has a quarter. */
const LAYERS = 96;
const FIRST_STAGES = 4;

/** Layers of a stage of the measured profile. */
const PROFILED = { stage: 3, blocks: 12 };

/** Work of the head in layers where the explanation begins with it. */
const USUAL_HEAD = 4;

/** A pipeline of four stages with equal numbers of layers; the last one may have a head as well. */
function fourStages(name: string, head: number, more: object = {}): Scenario {
  return withHead(
    scenarioSchema.parse({
      name,
      profile: { catalog: 'gpt3-175b-a100-sxm' },
      pipeline: { stages: FIRST_STAGES, microbatches: 8 },
      tensorParallel: 8,
      imbalance: { layers: { blocks: LAYERS }, profiled: PROFILED },
      policies: ['max-frequency', 'perseus'],
      ...more,
    }),
    head,
  );
}

/** The work of the head of a model that is cut into layers; 0 without one. */
export function headOf({ imbalance }: Scenario): number {
  return imbalance !== undefined && 'layers' in imbalance ? imbalance.layers.head : 0;
}

/** The same layers with another head, which is a layer of the last stage. */
export function withHead(scenario: Scenario, head: number): Scenario {
  const { imbalance } = scenario;
  if (imbalance === undefined || !('layers' in imbalance)) return scenario;
  const { blocks } = imbalance.layers;
  const { stages } = scenario.pipeline;
  const partition = new Array<number>(stages).fill(blocks / stages);
  if (head > 0) partition[stages - 1]! += 1;
  return {
    ...scenario,
    imbalance: { ...imbalance, layers: { ...imbalance.layers, head }, partition },
  };
}

/** Equal stages: GPUs wait only while the pipeline fills and drains. */
export function balancedScenario(): Scenario {
  return fourStages('balanced-pipeline', 0);
}

/** The same with a head on the last stage. */
export function unequalScenario(): Scenario {
  return fourStages('unequal-stages', USUAL_HEAD);
}

/** Several such pipelines, one of which is slow. */
export function stragglerScenario(): Scenario {
  return fourStages('straggler', USUAL_HEAD, {
    pipelines: 16,
    stragglers: [{ pipeline: 0, slowdown: 1.2 }],
  });
}
