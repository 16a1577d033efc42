import { withoutPassword, type OnNotice } from './redis-jobs.js';

/** Says that no worker is there: when the last one is gone, and now and then as long as none comes. */
export class WorkerWatch {
  private looksLeft = 0;
  private readonly sentence: string;

  constructor(
    private readonly onNotice: OnNotice,
    url: string,
    version: string,
    private readonly looksPerNotice: number,
  ) {
    const help = `start one: pipewatt worker --redis ${withoutPassword(url)}`;
    this.sentence = `no worker of version ${version} takes runs from there; ${help}`;
  }

  /** Told how many workers there are, every time that somebody looks. */
  see(workers: number): void {
    if (workers > 0) this.looksLeft = 0;
    else if (this.looksLeft-- <= 0) {
      this.onNotice(this.sentence);
      this.looksLeft = this.looksPerNotice - 1;
    }
  }
}
