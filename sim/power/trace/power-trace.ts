import type { GpuCounting } from '../../energy/gpu-powers.js';
import type { ExecutedIteration } from '../../run/training-run.js';
import { PowerAverager, type Averaged, type PowerSteps } from '../power-series.js';
import { onceEach, unitSteps, type Traced } from './traced-units.js';

/** Receives rows of mean powers, one of each unit: row after row in one array. */
export type RowSink = (rows: Float64Array, rowCount: number) => void;

/** Settings of a trace. */
export interface TraceSettings {
  readonly gpus: GpuCounting;
  readonly traced: Traced;
  /** The length of an interval. */
  readonly everyS: number;
}

/**
 * The power of a run over time: exact means over intervals of equal length, of every traced unit. The
 * energy of each unit is that of its steps. Iterations are added in order; memory is needed for those
 * that differ, and for the intervals of one.
 */
export class PowerTrace {
  private readonly stepsOf: (iteration: ExecutedIteration) => readonly PowerSteps[];
  private readonly units: { readonly averager: PowerAverager; meansW: number[] }[] = [];

  constructor(
    private readonly settings: TraceSettings,
    private readonly sink: RowSink,
  ) {
    const { gpus, traced } = settings;
    this.stepsOf = onceEach((iteration) => unitSteps(iteration, gpus, traced));
  }

  /** Adds the next iteration. */
  add(iteration: ExecutedIteration): void {
    this.stepsOf(iteration).forEach((steps, unit) => {
      this.unit(unit).averager.append(steps);
    });
    this.emit();
  }

  /** Ends the last interval: it is as long as what is left of the run. */
  finish(): Averaged[] {
    const averaged = this.units.map(({ averager }) => averager.finish());
    this.emit();
    return averaged;
  }

  private unit(unit: number): (typeof this.units)[number] {
    return (this.units[unit] ??= this.newUnit());
  }

  private newUnit(): (typeof this.units)[number] {
    const unit = {
      meansW: [] as number[],
      averager: new PowerAverager(this.settings.everyS, (meanW) => unit.meansW.push(meanW)),
    };
    return unit;
  }

  private emit(): void {
    const { units } = this;
    const rowCount = units[0]?.meansW.length ?? 0;
    if (rowCount === 0) return;
    const rows = new Float64Array(rowCount * units.length);
    units.forEach((unit, u) => {
      for (let row = 0; row < rowCount; row++) rows[row * units.length + u] = unit.meansW[row]!;
      unit.meansW = [];
    });
    this.sink(rows, rowCount);
  }
}
