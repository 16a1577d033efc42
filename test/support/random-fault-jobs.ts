import fc from 'fast-check';
import type { FaultJob } from '../../sim/faults/fault-job.js';

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });

/** Jobs with faults of all kinds, some of them far beyond what happens. */
export const randomFaultJobs: fc.Arbitrary<FaultJob> = fc
  .record({
    pipelines: fc.integer({ min: 1, max: 12 }),
    gpusPerPipeline: fc.constantFrom(1, 4, 8, 20, 64),
    iterationS: number(0.5, 60),
    gpuW: number(50, 700),
    rate: number(1e-6, 2e-3),
    length: fc.oneof(
      fc.record({ timeS: number(0, 3e5) }),
      fc.record({ iterations: fc.integer({ min: 1, max: 3000 }) }),
    ),
    pauseS: fc.oneof(fc.constant(0), number(0, 200)),
    writeS: fc.oneof(fc.constant(0), number(0, 200)),
    detectS: fc.oneof(fc.constant(0), number(0, 300)),
    restartS: fc.oneof(fc.constant(0), number(0, 500)),
    nodeShare: fc.constantFrom(0, 0.5, 1),
    nodes: fc.option(
      fc.record({
        spares: fc.integer({ min: 0, max: 3 }),
        gpusPerNode: fc.constantFrom(1, 4, 8),
        repairS: number(1, 1e5),
        idleW: number(0, 100),
        shrinks: fc.boolean(),
      }),
      { nil: undefined },
    ),
  })
  .map(({ iterationS, gpuW, length, nodes, pipelines, gpusPerPipeline, ...rules }) => ({
    ...{ pipelines, gpusPerPipeline, iterationS },
    iterationJ: pipelines * gpusPerPipeline * gpuW * iterationS,
    rules: {
      ...{ ...rules, end: length },
      ...{ pauseW: 90, restartW: 130, waitingW: 80 },
      ...(nodes && { nodes }),
    },
  }));
