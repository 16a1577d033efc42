import { compensatedSum } from '../../../src/compensated-sum.js';
import { energyOfSeriesJ, type PowerSeries } from '../power-series.js';
import { TrailingMean } from './trailing-mean.js';

/** A battery or capacitor bank between the grid and the job. */
export interface StorageSettings {
  readonly capacityJ: number;
  /** The most that it takes from the grid's side, and the most that it gives to the job. */
  readonly powerW: number;
  /** Energy given back over energy taken; the loss is shared equally between the two ways. */
  readonly roundTripEfficiency: number;
  /** Stored at the beginning, as a part of the capacity. */
  readonly startShare: number;
  /** The power that the grid shall deliver: the job's mean over the time passed, or a level. */
  readonly target: { readonly meanOverS: number } | { readonly levelW: number };
  /** The fastest that the grid's power shall rise; unlimited if left out. */
  readonly rampUpWPerS?: number | undefined;
  /** The fastest that the grid's power shall fall; unlimited if left out. */
  readonly rampDownWPerS?: number | undefined;
}

/** The course of a storage's charge, and its losses. */
export interface StorageFacts {
  readonly startJ: number;
  readonly endJ: number;
  readonly leastJ: number;
  readonly mostJ: number;
  /** Taken from the grid's side. */
  readonly takenJ: number;
  /** Given to the job. */
  readonly givenJ: number;
  /** Lost on the two ways: taken − given − what is stored more at the end. */
  readonly lossJ: number;
  /** The time in which the grid's power was not the target: storage too small, too weak or empty. */
  readonly missedS: number;
}

/** What is missing in the storage is put back over this many times the time of the mean. */
const RESTORING_TIMES = 2;
/** Powers that differ by less are the same. */
const SAME_POWER = 1e-9;

/**
 * A storage that keeps the grid's power at its target as far as it can. It knows the job's power up
 * to now and not what comes. With a mean as target, it also leads its charge back to where it began:
 * losses would otherwise empty it. A level is held as long as the charge allows.
 *
 * In every interval: grid = job + taken − given, and what is stored changes by
 * √efficiency · taken − given / √efficiency. O(1) per interval.
 */
class Storage {
  private readonly mean: TrailingMean | undefined;
  private readonly oneWay: number;
  private readonly taken = compensatedSum();
  private readonly given = compensatedSum();
  private readonly loss = compensatedSum();
  private readonly missed = compensatedSum();
  private gridW: number | undefined;
  private storedJ: number;
  private leastJ: number;
  private mostJ: number;

  /**
   * @param everyS the length of all intervals but the last.
   * @param beforeW the job's power before the first one.
   */
  constructor(
    private readonly settings: StorageSettings,
    everyS: number,
    beforeW: number,
  ) {
    const { target, capacityJ, startShare, roundTripEfficiency } = settings;
    this.mean =
      'meanOverS' in target
        ? new TrailingMean(Math.max(1, Math.round(target.meanOverS / everyS)), beforeW)
        : undefined;
    this.oneWay = Math.sqrt(roundTripEfficiency);
    this.storedJ = this.leastJ = this.mostJ = startShare * capacityJ;
  }

  /** Returns the grid's power during the next interval. */
  append(jobW: number, timeS: number): number {
    const targetW = this.targetW(jobW, timeS);
    const gridW = jobW + this.exchange(targetW - jobW, timeS);
    if (Math.abs(gridW - targetW) > SAME_POWER * Math.max(targetW, jobW)) this.missed.add(timeS);
    this.gridW = gridW;
    return gridW;
  }

  /** The course of the charge until now. */
  facts(): StorageFacts {
    const { capacityJ, startShare } = this.settings;
    return {
      startJ: startShare * capacityJ,
      ...{ endJ: this.storedJ, leastJ: this.leastJ, mostJ: this.mostJ },
      ...{ takenJ: this.taken.value(), givenJ: this.given.value() },
      ...{ lossJ: this.loss.value(), missedS: this.missed.value() },
    };
  }

  private targetW(jobW: number, timeS: number): number {
    const { target, capacityJ, startShare, rampUpWPerS, rampDownWPerS } = this.settings;
    let wishedW: number;
    if ('levelW' in target) {
      wishedW = target.levelW;
    } else {
      const missingJ = startShare * capacityJ - this.storedJ;
      const restoringS = RESTORING_TIMES * target.meanOverS;
      wishedW = Math.max(0, this.mean!.append(jobW) + missingJ / restoringS);
    }
    const lastW = this.gridW;
    if (lastW === undefined) return wishedW;
    const highestW = lastW + (rampUpWPerS ?? Infinity) * timeS;
    const lowestW = lastW - (rampDownWPerS ?? Infinity) * timeS;
    return Math.max(lowestW, Math.min(highestW, wishedW));
  }

  /** Takes or gives as much of this power as is possible. @returns positive if it takes. */
  private exchange(wishedW: number, timeS: number): number {
    const { powerW, capacityJ } = this.settings;
    const { oneWay } = this;
    if (timeS <= 0) return 0;
    if (wishedW >= 0) {
      const roomJ = (capacityJ - this.storedJ) / oneWay;
      const takenW = Math.min(wishedW, powerW, roomJ / timeS);
      this.store(takenW * timeS * oneWay);
      this.taken.add(takenW * timeS);
      this.loss.add(takenW * timeS * (1 - oneWay));
      return takenW;
    }
    const givenW = Math.min(-wishedW, powerW, (this.storedJ * oneWay) / timeS);
    this.store((-givenW * timeS) / oneWay);
    this.given.add(givenW * timeS);
    this.loss.add(givenW * timeS * (1 / oneWay - 1));
    return -givenW;
  }

  private store(energyJ: number): void {
    this.storedJ = Math.min(this.settings.capacityJ, Math.max(0, this.storedJ + energyJ));
    this.leastJ = Math.min(this.leastJ, this.storedJ);
    this.mostJ = Math.max(this.mostJ, this.storedJ);
  }
}

/** The power that the grid sees of a job with a storage. */
export interface StoredSeries {
  readonly series: PowerSeries;
  readonly facts: StorageFacts;
}

/**
 * Puts a storage between the grid and a job in full swing, which drew its mean power before the series
 * begins. O(intervals).
 */
export function withStorage(job: PowerSeries, settings: StorageSettings): StoredSeries {
  const { everyS, durationS } = job;
  const meanW = durationS > 0 ? energyOfSeriesJ(job) / durationS : 0;
  const storage = new Storage(settings, everyS, meanW);
  const powerW = job.powerW.map((jobW, k) =>
    storage.append(jobW, Math.min(everyS, durationS - k * everyS)),
  );
  return { series: { everyS, durationS, powerW }, facts: storage.facts() };
}
