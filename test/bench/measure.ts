import { medianSorted } from 'simple-statistics';
import { projectFile } from '../support/files.js';
import type { Case } from './cases.js';
import { LineProcess } from './line-process.js';
import type { Cost } from './measurements.js';

/** A case measured on one version, or on two in turn. */
export interface Measured {
  readonly now: Cost;
  /** The version before; absent if there is none, or it cannot do this. */
  readonly before?: Cost;
  /** Time now over time before, of each pair, least first. */
  readonly ratios: readonly number[];
}

/** Measures cases: on the version in this folder, and on one in another folder if it is given. */
export class Bench {
  private readonly now: LineProcess;
  private readonly before: LineProcess | undefined;

  constructor(beforeFolder?: string) {
    this.now = measuring(projectFile('.'));
    this.before = beforeFolder === undefined ? undefined : measuring(beforeFolder);
  }

  /**
   * Measures a case once unmeasured, then in rounds. The two versions take turns, each first in
   * every other round, so that a machine that becomes slower harms both.
   */
  async measure(asked: Case, rounds: number): Promise<Measured> {
    const sides = [this.now, ...(this.before === undefined ? [] : [this.before])];
    const costs: Cost[][] = sides.map(() => []);
    for (let round = -1; round < rounds; round++) {
      const order = sides.map((_, k) => k);
      if (round % 2 === 1) order.reverse();
      for (const k of order) {
        const answer = (await sides[k]!.ask(asked)) as Cost | { error: string };
        if (!('error' in answer)) {
          if (round >= 0) costs[k]!.push(answer);
        } else if (k === 0) throw new Error(`${asked.what}: ${answer.error}`);
      }
    }
    const [now, before = []] = costs as [Cost[], Cost[]?];
    const ratios = before.map((cost, k) => now[k]!.cpuS / cost.cpuS).sort((a, b) => a - b);
    return {
      now: medianCost(now),
      ...(before.length === 0 ? {} : { before: medianCost(before) }),
      ratios,
    };
  }

  end(): void {
    this.now.end();
    this.before?.end();
  }
}

function measuring(folder: string): LineProcess {
  return new LineProcess(process.execPath, [`${folder}/dist/test/bench/measuring-process.js`]);
}

function medianCost(costs: readonly Cost[]): Cost {
  const median = (of: (cost: Cost) => number) =>
    medianSorted(costs.map(of).sort((a, b) => a - b));
  return {
    cpuS: median(({ cpuS }) => cpuS),
    wallS: median(({ wallS }) => wallS),
    count: costs[0]!.count,
  };
}
