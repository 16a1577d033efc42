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
  /** Whether the version before was stopped after `MOST_S`. */
  readonly isBeforeTooSlow: boolean;
  /** Time now over time before, of each pair, least first. */
  readonly ratios: readonly number[];
}

/** Processor seconds after which the code of a case is compiled well enough, and most rounds for it. */
const WARM_S = 0.5;
const MOST_WARMING = 20;
/** Processor seconds beyond which a figure needs neither warming up nor many rounds. */
const LONG_S = 4;

/** Seconds after which the version before is stopped. */
export const MOST_S = 150;

/** Measures cases: on the version in this folder, and on one in another folder if it is given. */
export class Bench {
  private readonly now: LineProcess;
  private before: LineProcess | undefined;

  constructor(private readonly beforeFolder?: string) {
    this.now = measuring(projectFile('.'));
    this.before = beforeFolder === undefined ? undefined : measuring(beforeFolder);
  }

  /**
   * Measures a case in rounds, after some that do not count. The two versions take turns, each
   * first in every other round, so that a machine that becomes slower harms both. Figures of many
   * seconds are measured once on one version, three times on two.
   *
   * @throws Error if this version cannot do it.
   */
  async measure(asked: Case, rounds: number): Promise<Measured> {
    let isBeforeTooSlow = false;
    const sides = [
      () => this.now.ask(asked),
      ...(this.before === undefined ? [] : [() => this.askBefore(asked)]),
    ];
    const costs: Cost[][] = sides.map(() => []);
    const round = async (order: readonly number[]) => {
      for (const k of order) {
        if (k === 1 && isBeforeTooSlow) continue;
        const answer = (await sides[k]!()) as Cost | { error: string } | undefined;
        if (answer === undefined) isBeforeTooSlow = true;
        else if (!('error' in answer)) costs[k]!.push(answer);
        else if (k === 0) throw new Error(`${asked.what}: ${answer.error}`);
      }
    };
    const order = [...sides.keys()];
    do await round(order);
    while (costs[0]!.length < MOST_WARMING && totalS(costs[0]!) < WARM_S);
    const isLong = costs[0]![0]!.cpuS > LONG_S;
    if (!isLong) for (const each of costs) each.length = 0;
    const more = isLong ? 2 * (sides.length - 1) : rounds;
    for (let k = 0; k < more; k++) await round(k % 2 === 0 ? order.toReversed() : order);
    const [now, before = []] = costs as [Cost[], Cost[]?];
    const ratios = before.map((cost, k) => now[k]!.cpuS / cost.cpuS).sort((a, b) => a - b);
    return {
      now: medianCost(now),
      ...(before.length === 0 ? {} : { before: medianCost(before) }),
      isBeforeTooSlow,
      ratios,
    };
  }

  /** @returns the answer of the version before; undefined if it was too slow, and begins anew. */
  private async askBefore(asked: Case): Promise<unknown> {
    const asking = this.before!;
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, 1e3 * MOST_S, undefined);
    });
    const answer = await Promise.race([asking.ask(asked), tooLate]);
    clearTimeout(timer);
    if (answer === undefined) {
      asking.kill();
      this.before = measuring(this.beforeFolder!);
    }
    return answer;
  }

  end(): void {
    this.now.end();
    this.before?.end();
  }
}

function measuring(folder: string): LineProcess {
  return new LineProcess(process.execPath, [`${folder}/dist/test/bench/measuring-process.js`]);
}

function totalS(costs: readonly Cost[]): number {
  return costs.reduce((sum, { cpuS }) => sum + cpuS, 0);
}

function medianCost(costs: readonly Cost[]): Cost {
  const median = (of: (cost: Cost) => number) => medianSorted(costs.map(of).sort((a, b) => a - b));
  return {
    cpuS: median(({ cpuS }) => cpuS),
    wallS: median(({ wallS }) => wallS),
    count: costs[0]!.count,
  };
}
