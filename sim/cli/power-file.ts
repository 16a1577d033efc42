import { InputError } from '../../src/errors.js';
import { Spool } from '../disk/spool.js';
import { FaultedTrace } from '../faults/faulted-trace.js';
import { powerCsv } from '../power/files/power-csv.js';
import { powerParquet } from '../power/files/power-parquet.js';
import { isWhole, powerRows, type RowBlock, type TracedRun } from '../power/files/power-rows.js';
import { SENSOR, smiLog } from '../power/files/smi-log.js';
import { ClockSamples } from '../power/trace/clock-samples.js';
import type { FlattenedSeries } from '../power/flatten/flatten-watch.js';
import { averaged, type PowerSeries } from '../power/power-series.js';
import { PowerTrace } from '../power/trace/power-trace.js';
import { csvText } from '../results/csv-text.js';
import type { RunWatch } from '../run/seed-run.js';
import type { IterationWatcher } from '../run/training-run.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import type { Setting } from '../scenario/scenario-setting.js';
import type { CommandFiles } from './command-files.js';
import {
  tracedParts,
  tracedPolicies,
  type Checking,
  type PowerRequest,
  type TracedParts,
} from './power-request.js';

/** The power of a policy's run, recorded in temporary files while it runs. */
class Recording {
  private readonly power = new Spool();
  private readonly clocks = new Spool();
  private readonly trace: PowerTrace | FaultedTrace;
  private readonly samples: ClockSamples | undefined;
  private durationS = 0;

  constructor(
    { like, per, everyS }: PowerRequest,
    { places, names }: TracedParts,
    readonly setting: Setting,
  ) {
    const { gpus } = setting;
    const isLog = like === 'nvidia-smi';
    const traced = per === 'gpu' ? { per, places } : { per };
    this.unitCount = per === 'gpu' ? places.length : names.length;
    const settings = { gpus, traced, everyS: isLog ? SENSOR.everyS : everyS };
    const append = (rows: Float64Array) => {
      this.power.append(rows);
    };
    const { faults } = setting.scenario;
    this.trace =
      faults === undefined
        ? new PowerTrace(settings, append)
        : new FaultedTrace(setting, faults, settings.everyS, append);
    this.samples = isLog
      ? new ClockSamples(gpus, places, SENSOR.everyS, (rows) => {
          this.clocks.append(rows);
        })
      : undefined;
  }

  private readonly unitCount: number;

  readonly watch: IterationWatcher = (iteration) => {
    this.trace.add(iteration);
    this.samples?.add(iteration);
    // Iterations like it are to be seen too.
    return true;
  };

  finish(): void {
    this.durationS = this.trace.finish()[0]!.durationS;
  }

  powerRun(): TracedRun {
    return this.runOf(this.power);
  }

  clockRun(): TracedRun {
    return this.runOf(this.clocks);
  }

  close(): void {
    this.power.close();
    this.clocks.close();
  }

  private runOf(spool: Spool): TracedRun {
    const { unitCount, durationS } = this;
    return {
      ...{ unitCount, durationS, rowCount: spool.count / unitCount },
      read: (firstRow, count) => spool.read(firstRow * unitCount, count * unitCount),
    };
  }
}

/** The file of `--power`: records runs as they are simulated, and writes them when all are over. */
export class PowerFile implements RunWatch, FlattenedSeries {
  private readonly recordings = new Map<string, Recording>();
  private readonly flattened = new Map<string, TracedRun>();

  /** @param policies the ones to write, in order. */
  constructor(
    private readonly request: PowerRequest,
    private readonly parts: TracedParts,
    private readonly policies: readonly string[],
  ) {}

  begin(policy: string, setting: Setting): IterationWatcher | undefined {
    if (!this.policies.includes(policy)) return undefined;
    this.recordings.get(policy)?.close();
    const recording = new Recording(this.request, this.parts, setting);
    this.recordings.set(policy, recording);
    return recording.watch;
  }

  /** Adds a column of the job's power with all controls; files of parts and of GPUs have none. */
  addFlattened(policy: string, series: PowerSeries): void {
    const { per, everyS } = this.request;
    if (per !== 'job') return;
    const { powerW, durationS } = averaged(series, everyS);
    this.flattened.set(policy, {
      ...{ unitCount: 1, rowCount: powerW.length, durationS },
      read: (firstRow, count) => powerW.subarray(firstRow, firstRow + count),
    });
  }

  /** @throws InputError if the file cannot be written, or a run is too short for it. */
  async write(files: CommandFiles): Promise<void> {
    for (const recording of this.recordings.values()) recording.finish();
    const { path, like } = this.request;
    try {
      if (like === 'nvidia-smi') await files.writePieces(path, this.log());
      else if (like === 'openg2g') await files.writePieces(path, this.meanGpu());
      else if (path.endsWith('.parquet')) await files.writeBytes(path, this.parquet());
      else await files.writePieces(path, powerCsv(this.names().map(csvText), this.rows()));
    } finally {
      for (const recording of this.recordings.values()) recording.close();
    }
  }

  /** Runs in the order of the policies. */
  private runs(): { readonly policy: string; readonly recording: Recording }[] {
    return this.policies.flatMap((policy) => {
      const recording = this.recordings.get(policy);
      return recording === undefined ? [] : [{ policy, recording }];
    });
  }

  private names(): string[] {
    const runs = this.runs();
    return runs.flatMap(({ policy }) => {
      const parts = [...this.parts.names, ...(this.flattened.has(policy) ? ['flattened'] : [])];
      return parts.map((part) => {
        const words = [...(runs.length > 1 ? [policy] : []), ...(part === '' ? [] : [part])];
        return `${words.length === 0 ? 'power' : words.join('_')}_W`;
      });
    });
  }

  private rows(): Iterable<RowBlock> {
    const columns = this.runs().flatMap(({ policy, recording }) => {
      const run = recording.powerRun();
      const flattened = this.flattened.get(policy);
      return [
        ...this.parts.unitOf.map((unit, k) => ({ name: this.parts.names[k]!, run, unit })),
        ...(flattened === undefined ? [] : [{ name: 'flattened', run: flattened, unit: 0 }]),
      ];
    });
    return powerRows(columns, this.request.everyS);
  }

  private parquet(): Iterable<Uint8Array> {
    const { everyS } = this.request;
    const durations = this.runs().map(({ policy, recording }) => [
      `duration_s ${policy}`,
      String(recording.powerRun().durationS),
    ]);
    const notes = {
      every_s: String(everyS),
      ...(Object.fromEntries(durations) as Record<string, string>),
    };
    return powerParquet(this.names(), this.rows(), notes);
  }

  /** The power of one GPU, with all times equally far apart, as OpenG2G repeats it. */
  private *meanGpu(): Iterable<string> {
    const { everyS, path } = this.request;
    const { recording } = this.runs()[0]!;
    const run = recording.powerRun();
    const { dag, gpus, scenario } = recording.setting;
    const gpuCount = dag.stageCount * gpus.gpusPerStage * scenario.pipelines;
    if (run.durationS < everyS) {
      const message = `the run takes ${run.durationS} s, and OpenG2G needs two times that are ${everyS} s apart; choose a shorter --every`;
      throw InputError.of({ source: path, message });
    }
    const perGpu = {
      ...run,
      durationS: isWhole(run, everyS) ? run.durationS : (run.rowCount - 1) * everyS,
      rowCount: isWhole(run, everyS) ? run.rowCount : run.rowCount - 1,
      read: (firstRow: number, count: number) =>
        run.read(firstRow, count).map((powerW) => powerW / gpuCount),
    };
    yield* powerCsv(['power_W'], powerRows([{ name: '', run: perGpu, unit: 0 }], everyS));
  }

  private log(): Iterable<string> {
    const { everyS, startMs } = this.request;
    const { recording } = this.runs()[0]!;
    const gpus = this.parts.gpus.map((index, k) => ({ index, unit: this.parts.unitOf[k]! }));
    const [power, clocks] = [recording.powerRun(), recording.clockRun()];
    const stampOf = (timeS: number) => smiTime(startMs + timeS * 1000);
    return smiLog({ gpus, power, clocks, everyS, stampOf });
  }
}

/** The file of a request; what does not fit the scenario is added to the problems. */
export function powerFile(
  request: PowerRequest,
  scenario: Scenario,
  checking: Checking & { readonly names: readonly string[] },
): PowerFile {
  const policies = tracedPolicies(request, checking);
  if (scenario.faults !== undefined) checkFaulted(request, checking);
  return new PowerFile(request, tracedParts(request, scenario, policies, checking), policies);
}

/** Complains of what is not known of a job with faults: which of its GPUs break. */
function checkFaulted({ per, like }: PowerRequest, { at, gathering }: Checking): void {
  const message =
    'is not known over days with faults, where only the power of the whole job is; leave the option or the section faults out';
  if (like === 'nvidia-smi') gathering.add({ ...at('--like'), message });
  else if (per !== 'job') gathering.add({ ...at('--per'), message });
}

/** `2026/11/27 08:26:12.159`: a time in ms since 1970, as nvidia-smi writes it. */
export function smiTime(ms: number): string {
  const iso = new Date(Math.round(ms)).toISOString();
  return iso.replace('T', ' ').replaceAll('-', '/').replace('Z', '');
}
