import { percentMore } from '../../../src/units.js';
import type { FaultStudy, PolicyFaults } from '../../faults/fault-study.js';
import { count, fixed } from '../numbers.js';
import { threeDigits } from './unit-sentences.js';

/** The faults, and what is done about them. */
export function faultHeading({ faults, mtbfS, policies }: FaultStudy): string[] {
  const { rules, pipelines, gpusPerPipeline } = policies[0]!.job;
  const gpus = pipelines * gpusPerPipeline;
  const { checkpoint, seeds } = faults;
  const length =
    'timeS' in rules.end
      ? `${threeDigits(rules.end.timeS / 86_400)} days`
      : count(rules.end.iterations, 'iteration');
  const how = checkpoint.blocking
    ? `hold all GPUs up for ${duration(rules.pauseS)} at ${fixed(rules.pauseW, 0)} W each`
    : `are written in the background in ${duration(rules.writeS)}, after a pause of ${duration(rules.pauseS)}`;
  return [
    `faults over ${length}: one every ${duration(mtbfS)} on ${gpus} GPUs, noticed after ${duration(rules.detectS)}; ${count(seeds, 'seed')}`,
    `checkpoints ${how}; restarts take ${duration(rules.restartS)} at ${fixed(rules.restartW, 0)} W a GPU; ${nodesPhrase(faults)}`,
  ];
}

function nodesPhrase({ spares, repairS, withoutSpare }: FaultStudy['faults']): string {
  if (spares === undefined || repairS === undefined) return 'a node is always at hand';
  const without = withoutSpare === 'wait' ? 'waits' : 'goes on with fewer pipelines';
  return `${count(spares, 'spare node')}, repaired in ${duration(repairS)}; without one the job ${without}`;
}

/** A time with its unit: `12.5 min`. */
function duration(timeS: number): string {
  if (timeS < 120) return `${threeDigits(timeS)} s`;
  if (timeS < 7200) return `${threeDigits(timeS / 60)} min`;
  return timeS < 172_800 ? `${threeDigits(timeS / 3600)} h` : `${threeDigits(timeS / 86_400)} days`;
}

/** Per policy, what is gained by the interval that is best for energy. */
export function faultSentences({ policies }: FaultStudy): string[] {
  return policies.map(intervalSentence);
}

function intervalSentence({ policy, job, best }: PolicyFaults): string {
  const { time, energy } = best;
  const begins = `${policy}: the least time is expected with a checkpoint every ${duration(time.everyS)}`;
  if (time.iterations === energy.iterations) return `${begins}, and so is the least energy.`;
  const savedPct = -percentMore(energy.expected.energyJ, time.expected.energyJ);
  const slowerPct = percentMore(energy.expected.timeS, time.expected.timeS);
  const computingW = job.iterationJ / job.iterationS / (job.pipelines * job.gpusPerPipeline);
  return `${begins}, the least energy with one every ${duration(energy.everyS)}: ${fixed(savedPct, 2)} % less energy in ${fixed(slowerPct, 2)} % more time, because a GPU draws ${fixed(job.rules.pauseW, 0)} W during a checkpoint and ${fixed(computingW, 0)} W while the work that it saves is done again.`;
}

/** Notes on the tables. */
export function faultNotes({ policies }: FaultStudy): string[] {
  return [
    'goodput: time of useful iterations over all time. wasted, lost: what went into no useful iteration.',
    'best interval: of the exact expectation, with a node always at hand; Young and Daly are approximations of it.',
    ...(policies.some(({ slower }) => slower.length > 1)
      ? [
          'slower: plans of the frontier beyond the one in force; s and energy of a useful iteration, with checkpoints as is best for energy.',
        ]
      : []),
  ];
}
