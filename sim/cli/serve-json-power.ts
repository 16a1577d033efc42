import { InputError } from '../../src/errors.js';
import { FaultedTrace } from '../faults/faulted-trace.js';
import { PowerTrace } from '../power/trace/power-trace.js';
import type { RunWatch } from '../run/seed-run.js';
import type { IterationWatcher } from '../run/training-run.js';
import type { Setting } from '../scenario/scenario-setting.js';

/** Most intervals of all policies together: 20 MB of JSON. */
const MOST_INTERVALS = 2 ** 20;

interface Recorded {
  readonly trace: PowerTrace | FaultedTrace;
  readonly meansW: number[];
}

/** Records the power of the whole job under every policy, as exact means of short intervals. */
export class RecordedPower implements RunWatch {
  private readonly recorded = new Map<string, Recorded>();

  /** @param call the method, for messages. */
  constructor(
    private readonly everyS: number,
    private readonly call: string,
  ) {}

  begin(policy: string, setting: Setting): IterationWatcher {
    const { gpus, scenario } = setting;
    const { everyS } = this;
    const meansW: number[] = [];
    const append = (rows: Float64Array) => {
      for (const meanW of rows) meansW.push(meanW);
      if (meansW.length > MOST_INTERVALS) throw this.tooMany();
    };
    const trace =
      scenario.faults === undefined
        ? new PowerTrace({ gpus, traced: { per: 'job' }, everyS }, append)
        : new FaultedTrace(setting, scenario.faults, everyS, append);
    this.recorded.set(policy, { trace, meansW });
    return (iteration) => {
      trace.add(iteration);
      return true;
    };
  }

  /** The series of the policies, by name, in their order. */
  series(policies: readonly string[]): object {
    const entries = policies.flatMap((policy) => {
      const recorded = this.recorded.get(policy);
      if (recorded === undefined) return [];
      const [end] = recorded.trace.finish();
      return [[policy, { durationS: end!.durationS, powerW: recorded.meansW }] as const];
    });
    return { everyS: this.everyS, policies: Object.fromEntries(entries) };
  }

  private tooMany(): InputError {
    const message = `found ${this.everyS} s, of which the run has more than ${MOST_INTERVALS}; choose longer intervals`;
    return InputError.of({ source: this.call, field: 'everyS', message });
  }
}
