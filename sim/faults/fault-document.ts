import type { CourseFigures } from './fault-figures.js';
import type { ExpectedInterval, FaultStudy, PolicyFaults } from './fault-study.js';

/** A study of faults as a JSON document; its numbers are in the units that their names say. */
export function faultDocument({ mtbfS, policies }: FaultStudy): object {
  return { mtbfS, policies: policies.map(policyDocument) };
}

function policyDocument(row: PolicyFaults): object {
  const { policy, job, interval, courses, best, formulas, slower } = row;
  return {
    policy,
    iterationTimeS: job.iterationS,
    iterationEnergyJ: job.iterationJ,
    checkpoint: intervalDocument(interval),
    ...coursesDocument(courses),
    bestForTime: intervalDocument(best.time),
    bestForEnergy: intervalDocument(best.energy),
    youngForTimeS: formulas?.young.time ?? null,
    youngForEnergyS: formulas?.young.energy ?? null,
    dalyForTimeS: formulas?.dalyS ?? null,
    slowerClocks: slower.map(({ slowerPct, timeS, energyJ, expected }) => ({
      ...{ slowerPct, iterationTimeS: timeS, iterationEnergyJ: energyJ, expected },
    })),
  };
}

function intervalDocument({ iterations, everyS, expected }: ExpectedInterval): object {
  return { everyIterations: iterations, everyS, expected };
}

function coursesDocument({ figures, days, energyMWh, perIterationJ }: CourseFigures): object {
  return {
    figures,
    accounts: { days, energyMWh },
    usefulIterationEnergyJ: perIterationJ ?? null,
  };
}
