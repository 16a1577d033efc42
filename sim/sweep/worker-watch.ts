import { addressWithoutPassword } from '../../src/passwords.js';
import type { OnNotice } from './redis-jobs.js';

/** Reports that no worker is there: when the last one goes, and now and then until one comes. */
export class WorkerWatch {
  private looksLeft = 0;
  private readonly sentence: string;

  constructor(
    private readonly onNotice: OnNotice,
    url: string,
    version: string,
    private readonly looksPerNotice: number,
  ) {
    const help = `start one: pipewatt worker --redis ${addressWithoutPassword(url)}`;
    this.sentence = `no worker of version ${version} takes runs from there; ${help}`;
  }

  /** Takes the number of workers at every check. */
  see(workers: number): void {
    if (workers > 0) this.looksLeft = 0;
    else if (this.looksLeft-- <= 0) {
      this.onNotice(this.sentence);
      this.looksLeft = this.looksPerNotice - 1;
    }
  }
}
