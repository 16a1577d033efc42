import type { SpeedPoint, Mix } from '../../site/speed-curve.js';
import type { JobPoint, SharedSiteAnswer, SiteJob } from '../../site/shared-site.js';
import { WATTS_PER_MW } from '../../site/power-budget.js';
import { percentMore } from '../../../src/units.js';
import { count, fixed } from '../numbers.js';
import { plainTable } from './plain-table.js';
import { threeDigits } from './unit-sentences.js';
import { wrapped } from './wrapped.js';

/** The split of a site's power among jobs, as text of at most 120 columns. */
export function sharedSiteTable(answer: SharedSiteAnswer): string {
  return [
    ...headingLines(answer).flatMap((line) => wrapped(line)),
    '',
    splitTable(answer),
    '',
    ...conclusionLines(answer).flatMap((line) => wrapped(line)),
    '',
    comparedTable(answer),
    '',
    ...noteLines(answer).flatMap((line) => wrapped(line, '  ')),
    '',
  ].join('\n');
}

function headingLines({ file, mw, surroundings, jobs }: SharedSiteAnswer): string[] {
  const { overheadWPerGpu, pue } = surroundings;
  const gpus = jobs.reduce((sum, job) => sum + job.gpus, 0);
  return [
    `${file.name}: ${count(jobs.length, 'job')} on ${count(gpus, 'GPU')}`,
    `${mw} MW, PUE ${pue}, ${overheadWPerGpu} W beside each GPU`,
  ];
}

const percentOf = (part: number) => fixed(100 * part, 2);
const megawatts = (powerW: number) => fixed(powerW / WATTS_PER_MW, 3);

function splitTable({ jobs, split }: SharedSiteAnswer): string {
  const rows = jobs.map((job, k) => {
    const share = split.shares[k]!;
    return [
      job.name,
      String(job.gpus),
      job.policy,
      threeDigits(job.weight),
      String(job.priority),
      percentOf(job.leastSpeed),
      percentOf(share.speed),
      planOf(share),
      megawatts(job.full.powerW),
      megawatts(share.powerW),
      job.tokensPerDay === undefined ? '—' : threeDigits((job.tokensPerDay * share.speed) / 1e9),
    ];
  });
  const head = [
    'job',
    'GPUs',
    'policy',
    'weight',
    'prior-\nity',
    'floor\n%',
    'speed\n%',
    'iteration\ns',
    'full clock\nMW',
    'share\nMW',
    '10⁹ tokens\na day',
  ];
  return plainTable(head, rows);
}

/** Iteration times of a share: of the plan that it runs, or of the two that it alternates between. */
function planOf({ slower, faster, fasterPart }: Mix<JobPoint>): string {
  const text = ({ run }: JobPoint) => (run === undefined ? 'pause' : fixed(run.timeS, 3));
  if (fasterPart === 0) return text(slower);
  // Neighbouring points of a frontier differ in digits that are not shown.
  const [slowerText, fasterText] = [text(slower), text(faster)];
  return slowerText === fasterText ? slowerText : `${slowerText}, ${fasterText}`;
}

function conclusionLines(answer: SharedSiteAnswer): string[] {
  const { split, jobs, mw } = answer;
  const full = jobs.reduce((sum, { full: { powerW } }) => sum + powerW, 0);
  const fullWorth = jobs.reduce((sum, { weight, full: { speed } }) => sum + weight * speed, 0);
  const spent = `The jobs draw ${megawatts(split.powerW)} of ${mw} MW, ${percentOf(split.powerW / full)} % of what they draw at the highest clocks, and do ${percentOf(split.worth / fullWorth)} % of that work by weight.`;
  const more =
    split.worthPerW === 0
      ? 'More power would bring nothing.'
      : `One more megawatt would bring ${percentOf(answer.worthOfOneMW / fullWorth)} points.`;
  const mixed = jobs.flatMap((job, k) => mixedPhrase(job, split.shares[k]!));
  return [`${spent} ${more}`, ...mixed];
}

function mixedPhrase({ name }: SiteJob, { slower, faster, fasterPart }: Mix<JobPoint>): string[] {
  if (fasterPart === 0) return [];
  const words = ({ run }: JobPoint) =>
    run === undefined ? 'pausing' : `iterations of ${fixed(run.timeS, 3)} s`;
  return [
    `${name} alternates: ${percentOf(fasterPart)} % of the time ${words(faster)}, the rest ${words(slower)}.`,
  ];
}

function comparedTable({ jobs, split, compared }: SharedSiteAnswer): string {
  const row = (name: string, result: RowResult | undefined): string[] =>
    result === undefined
      ? [name, '—', '—', '—', '—']
      : [
          name,
          result.shares.map(({ speed }) => fixed(100 * speed, 1)).join(' '),
          megawatts(result.powerW),
          fixed((100 * result.worth) / fullWorth, 2),
          result === split ? '' : fixed(percentMore(split.worth, result.worth), 2),
        ];
  const fullWorth = jobs.reduce((sum, { weight, full }) => sum + weight * full.speed, 0);
  const rows = [
    row('most work by weight', split),
    ...compared.map(({ name, limitW, result }) =>
      row(limitW === undefined ? name : `${name}: ${limitW} W`, result),
    ),
  ];
  const head = ['split', 'speeds\n%', 'site\nMW', 'work by\nweight %', 'ours is\nmore by %'];
  return plainTable(head, rows);
}

interface RowResult {
  readonly shares: readonly SpeedPoint[];
  readonly powerW: number;
  readonly worth: number;
}

function noteLines({ split, jobs }: SharedSiteAnswer): string[] {
  const isTiered = new Set(jobs.map(({ priority }) => priority)).size > 1;
  return [
    'speed: iterations over those with every instruction at the highest clock. —: more power than there is, or below a floor.',
    ...(isTiered
      ? ['Jobs of a lower priority number come first; others have their floors, then what is left.']
      : []),
    ...(split.worthPerW > 0
      ? [
          'Every job that is between its floor and its fastest plan gains the same work by weight from one more watt.',
        ]
      : []),
  ];
}
