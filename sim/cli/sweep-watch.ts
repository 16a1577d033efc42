import { clearScreenDown, moveCursor } from 'node:readline';
import { visible } from '../../src/visible.js';
import { chosenPivot } from '../report/sweep/chosen-pivot.js';
import type { ResultColumns } from '../report/sweep/group-results.js';
import { pivots } from '../report/sweep/pivot.js';
import { pivotText } from '../report/text/pivot-table.js';
import type { PreparedSweep } from '../sweep/run-sweep.js';
import type { RunResult } from '../sweep/run-result.js';
import type { SweepStore } from '../sweep/store.js';
import { Rate, type SweepProgress } from './sweep-progress.js';

/** The figure that is watched. */
const METRIC = 'simulated_saving_pct';

/** A row of the table that fills. */
type LiveRow = Readonly<Record<string, unknown>>;

/** The results of a sweep so far, for a table that fills. */
export class LiveResults {
  private readonly rows: LiveRow[] = [];

  /** @param store has the runs done before. */
  static async of(sweep: PreparedSweep, store: SweepStore): Promise<LiveResults> {
    const live = new LiveResults(sweep);
    const before = await store.query(`SELECT run, policy, ${METRIC} FROM policies ORDER BY run`);
    for (const row of before) live.put(Number(row['run']), row);
    return live;
  }

  private constructor(private readonly sweep: PreparedSweep) {}

  /** Adds a run that is done; one that failed has no rows. */
  add({ index, rows }: Pick<RunResult, 'index' | 'rows'>): void {
    for (const row of rows) this.put(index, row);
  }

  /** The table of what varied so far; empty before the first run. */
  text(): string {
    const { fields } = this.sweep.identity;
    const names = ['run', 'policy', METRIC, ...fields];
    const columns: ResultColumns = Object.fromEntries(
      names.map((name) => [name, this.rows.map((row) => row[name] ?? null)]),
    );
    const chosen = chosenPivot(columns, METRIC, fields);
    if (chosen === undefined) return '';
    return pivotText(pivots(chosen.columns, METRIC, chosen.places, fields), chosen);
  }

  private put(run: number, row: Readonly<Record<string, unknown>>): void {
    const { parameters = {} } = this.sweep.runs[run] ?? {};
    const shown = Object.entries(parameters).map(([name, value]) => {
      return [name, typeof value === 'object' ? JSON.stringify(value) : value] as const;
    });
    this.rows.push({
      ...Object.fromEntries(shown),
      ...{ run, policy: row['policy'], [METRIC]: row[METRIC] },
    });
  }
}

/** A terminal on which a block of lines is drawn again and again. */
export type Screen = NodeJS.WritableStream & { readonly rows?: number };

const EVERY_MS = 1000;
/** The part of its time that drawing may take: the cores are for the runs. */
const DRAWING_PART = 0.05;

/** Shows the table of results while it fills, with the progress below it, in a terminal. */
export function watchedProgress(
  live: Pick<LiveResults, 'text'>,
  screen: Screen,
  nowMs: () => number = () => Date.now(),
): SweepProgress {
  const rate = new Rate(nowMs);
  let drawnLines = 0;
  let nextMs = -Infinity;
  let line = '';
  const wipe = () => {
    if (drawnLines > 0) moveCursor(screen, 0, -drawnLines);
    if (drawnLines > 0) clearScreenDown(screen);
    drawnLines = 0;
  };
  const draw = () => {
    const begunMs = nowMs();
    const most = Math.max(4, (screen.rows === 0 ? 24 : (screen.rows ?? 24)) - 2);
    const all = visible(live.text()).trimEnd().split('\n');
    const lines = all.length <= most ? all : [...all.slice(0, most - 1), '…'];
    wipe();
    screen.write(`${[...lines, line].join('\n')}\n`);
    drawnLines = lines.length + 1;
    nextMs = nowMs() + Math.max(EVERY_MS, (nowMs() - begunMs) / DRAWING_PART);
  };
  return {
    update(done, failed, total) {
      const { rate: perS, left } = rate.at(done, total);
      line = `${done}/${total} runs, ${perS}/s, ${failed} failed, ${left} left`;
      if (nowMs() >= nextMs || done === total) draw();
    },
    say(sentence) {
      wipe();
      screen.write(`${visible(sentence)}\n`);
    },
    stop: () => {
      // The last state stays.
      draw();
    },
  };
}
