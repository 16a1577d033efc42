import type { FilledSite, LaneAnswer, SiteAnswer } from '../../site/given-megawatts.js';
import type { Lane } from '../../site/job-fleets.js';
import type { EnergyPoint } from '../../site/least-energy.js';
import { WATTS_PER_MW } from '../../site/power-budget.js';
import { SECONDS_PER_DAY } from '../../run/cost-saved.js';
import { percentMore } from '../../../src/units.js';
import { count, fixed } from '../numbers.js';
import { plainTable } from './plain-table.js';
import { threeDigits } from './unit-sentences.js';
import { wrapped } from './wrapped.js';

/** The answer to what a site does with its power, as text of at most 120 columns. */
export function siteTable(answer: SiteAnswer): string {
  const { lanes } = answer;
  return [
    ...headingLines(answer).flatMap((line) => wrapped(line)),
    '',
    ...(lanes.length === 0 ? [] : [filledTable(answer), '', ...conclusionLines(answer), '']),
    leastEnergyTable(answer),
    '',
    ...noteLines(answer).flatMap((line) => wrapped(line, '  ')),
    '',
  ].join('\n');
}

function headingLines(answer: SiteAnswer): string[] {
  const { scenario, title, mw, surroundings, gpusPerPipeline } = answer;
  const { overheadWPerGpu, pue } = surroundings;
  const { schedule, stages, microbatches } = scenario.pipeline;
  const power = mw === undefined ? '' : `${mw} MW, `;
  return [
    `${scenario.name}: ${title}`,
    `${power}PUE ${pue}, ${overheadWPerGpu} W beside each GPU`,
    `a pipeline: ${schedule.toUpperCase()}, ${count(stages, 'stage')} × ${count(microbatches, 'microbatch', 'es')}, ${count(gpusPerPipeline, 'GPU')}${mw === undefined ? '' : `; ${batchPhrase(answer)}`}`,
  ];
}

function batchPhrase({ scenario }: SiteAnswer): string {
  const { site, pipelines, pipeline } = scenario;
  return site?.globalBatch === 'fixed'
    ? `the global batch stays at ${pipelines * pipeline.microbatches} microbatches, shared evenly`
    : 'the global batch grows with the pipelines';
}

/** Names of lanes; those held by limits say so. */
function laneName({ policy, heldBy }: Lane): string {
  return heldBy === 'limit' ? `${policy}, set aside` : policy;
}

/** The work of a day: tokens, or microbatches where tokens are unknown. */
function workPerDay({ tokensPerMicrobatch = 1 }: SiteAnswer, perS: number): number {
  return perS * tokensPerMicrobatch * SECONDS_PER_DAY;
}

function workUnit({ tokensPerMicrobatch }: SiteAnswer): { name: string; size: number } {
  return tokensPerMicrobatch === undefined
    ? { name: '10³ microb.', size: 1e3 }
    : { name: '10⁹ tokens', size: 1e9 };
}

function filledTable(answer: SiteAnswer): string {
  const { name, size } = workUnit(answer);
  const base = baseOf(answer);
  const work = (perS: number) => threeDigits(workPerDay(answer, perS) / size);
  const row = ({ lane, filled }: LaneAnswer): string[] => {
    if (filled === undefined) return [laneName(lane), ...new Array<string>(9).fill('—')];
    const { pipelines, gpus, microbatches, timeS, microbatchesPerS, point } = filled;
    return [
      laneName(lane),
      String(pipelines),
      String(gpus),
      String(microbatches),
      point.limitW === undefined ? '' : fixed(point.limitW, 0),
      fixed(timeS, 3),
      fixed(filled.siteW / WATTS_PER_MW, 3),
      work(microbatchesPerS),
      filled === base ? '' : fixed(percentMore(microbatchesPerS, base.microbatchesPerS), 2),
      work(filled.moreWithOneMWPerS),
    ];
  };
  const head = [
    'policy',
    'pipe-\nlines',
    'GPUs',
    'microb.\neach',
    'GPU\nlimit W',
    'iteration\ns',
    'site\nMW',
    `${name}\na day`,
    'more\n%',
    'one MW\nmore brings',
  ];
  return plainTable(head, answer.lanes.map(row));
}

/** The first lane that fits, today's practice: others are compared with it. */
function baseOf({ lanes }: SiteAnswer): FilledSite {
  return lanes.find(({ filled }) => filled !== undefined)!.filled!;
}

function conclusionLines(answer: SiteAnswer): string[] {
  const filled = answer.lanes.flatMap(({ lane, filled: of }) =>
    of === undefined ? [] : [{ lane, of }],
  );
  const best = filled.reduce((a, b) => (b.of.microbatchesPerS > a.of.microbatchesPerS ? b : a));
  const base = baseOf(answer);
  const { name, size } = workUnit(answer);
  const work = threeDigits(workPerDay(answer, best.of.microbatchesPerS) / size);
  const more = fixed(percentMore(best.of.microbatchesPerS, base.microbatchesPerS), 2);
  const beside = best.of === base ? '' : `, ${more} % more than ${laneName(answer.lanes[0]!.lane)}`;
  return wrapped(
    `${laneName(best.lane)} does the most: ${count(best.of.pipelines, 'pipeline')} on ${best.of.gpus} GPUs, ${work} × ${name} a day${beside}.`,
  );
}

function leastEnergyTable(answer: SiteAnswer): string {
  const { surroundings, gpusPerPipeline } = answer;
  const { overheadWPerGpu, pue } = surroundings;
  const gpuKJ = ({ pipelineJ }: EnergyPoint) => fixed(pipelineJ / 1e3, 1);
  const siteKJ = ({ siteJ }: EnergyPoint) => fixed(siteJ / 1e3, 1);
  const rows = answer.leastEnergy.map(({ policy, ofGpus, ofSite }) => [
    policy,
    fixed(ofGpus.timeS, 3),
    gpuKJ(ofGpus),
    siteKJ(ofGpus),
    fixed(ofSite.timeS, 3),
    gpuKJ(ofSite),
    siteKJ(ofSite),
    fixed(percentMore(ofGpus.siteJ, ofSite.siteJ), 2),
  ]);
  const head = [
    'policy',
    'least of the\nGPUs: at s',
    'GPUs\nkJ',
    'site\nkJ',
    'least of the\nsite: at s',
    'GPUs\nkJ',
    'site\nkJ',
    'without it\n% dearer',
  ];
  const title = `The point of least energy, without and with ${overheadWPerGpu} W beside each GPU and PUE ${pue}; one pipeline, ${gpusPerPipeline} GPUs:`;
  return [...wrapped(title), '', plainTable(head, rows)].join('\n');
}

function noteLines({ lanes, stride, scenario }: SiteAnswer): string[] {
  const isStraggling = scenario.stragglers.length > 0 || scenario.randomStragglers !== undefined;
  return [
    ...(lanes.length === 0
      ? []
      : [
          'set aside: pipelines fit by the limits of their GPUs, as operators provision; all others by their mean power over an iteration.',
        ]),
    'without it % dearer: what the site uses beyond its least if the point is chosen by the GPUs’ energy alone. PUE moves no point.',
    ...(isStraggling ? ['Healthy pipelines: the scenario’s stragglers are left out.'] : []),
    ...(stride === 1
      ? []
      : [`One of every ${stride} points of the largest frontier was simulated.`]),
  ];
}
