/** A time that a log says. */
export interface TimerValue {
  readonly line: number;
  /** The timer's name. */
  readonly name: string;
  readonly ms: number;
  /** Undefined if the log does not say it; `all` for the slowest of all ranks. */
  readonly rank: string | undefined;
  /** Number of the step, as the log counts. */
  readonly iteration: number | undefined;
  /** Whether it is of one microbatch. */
  readonly isSingle: boolean;
}

/** Facts about the job that a log mentions. */
interface JobFacts {
  readonly microbatches: number | undefined;
  readonly stages: number | undefined;
  readonly gpus: number | undefined;
}

/** Colours of terminals. */
// eslint-disable-next-line no-control-regex
const COLOUR = /\u001b\[[\d;]*m/g;

const ARGUMENT =
  /\b(micro_batch_size|global_batch_size|data_parallel_size|pipeline_model_parallel_size|world_size|log_interval|gradient_accumulation_steps|train_micro_batch_size_per_gpu|train_batch_size)[ .:=]+(\d{1,9})\b/;
const ITERATION = /\biteration[ =:]+(\d{1,9})\s*\/\s*\d+/;
const GLOBAL_BATCH = /global.batch.size[ :=]+(\d{1,9})/;
const RANKS = /times across ranks \(ms\)/;
const RANGE = /time across ranks \(ms\)/;
/** `forward-compute ....: (8.49, 8.83)`, or one number. */
const TIMER =
  /^\s*(?:\S+:\s+)?([A-Za-z][\w/-]*)\s*\.*\s*:\s*(?:\(\s*([\d.]+)\s*,\s*([\d.]+)\s*\)|([\d.]+))?\s*$/;
const OF_RANK = /\brank\s+(\d{1,6})\s*:\s*([\d.]+)\s*$/;
const PAIRS = /time \(ms\)\s*\|(.*)$/;
const PREFIX_RANK = /\brank[ =:]+(\d{1,6})\b/i;

/** Follows a log line by line. O(1) a line. */
export class TimerLog {
  readonly values: TimerValue[] = [];
  private readonly facts = new Map<string, number>();
  private iteration: number | undefined;
  /** The form of the lines that follow: of each rank, or of all ranks. */
  private form: 'ranks' | 'range' | undefined;
  private name: string | undefined;
  private highestRank = -1;

  add(text: string, line: number): void {
    const plain = text.length > 20_000 ? text.slice(0, 20_000) : text;
    const bare = plain.includes('\u001b') ? plain.replaceAll(COLOUR, '') : plain;
    this.fact(bare);
    const pairs = PAIRS.exec(bare);
    if (pairs !== null) this.pairs(pairs[1]!, bare.slice(0, pairs.index), line);
    else if (RANKS.test(bare)) this.begin('ranks');
    else if (RANGE.test(bare)) this.begin('range');
    else if (this.form !== undefined) this.timer(bare, line);
  }

  private begin(form: 'ranks' | 'range'): void {
    this.form = form;
    this.name = undefined;
  }

  private fact(text: string): void {
    const argument = ARGUMENT.exec(text);
    if (argument !== null) this.facts.set(argument[1]!, Number(argument[2]));
    const iteration = ITERATION.exec(text);
    if (iteration === null) return;
    this.iteration = Number(iteration[1]);
    this.form = undefined;
    const batch = GLOBAL_BATCH.exec(text);
    if (batch !== null) this.facts.set('global_batch_size', Number(batch[1]));
  }

  private timer(text: string, line: number): void {
    const ofRank = OF_RANK.exec(text);
    if (ofRank !== null && this.form === 'ranks') {
      if (this.name === undefined) return;
      this.highestRank = Math.max(this.highestRank, Number(ofRank[1]));
      this.push(line, this.name, Number(ofRank[2]), ofRank[1]);
      return;
    }
    const parts = TIMER.exec(text);
    if (parts === null) {
      // Ends a block; other lines may come between the blocks.
      if (text.trim() !== '') this.form = undefined;
      return;
    }
    const [, name, , most, only] = parts;
    this.name = name;
    const ms = most ?? only;
    if (ms !== undefined && this.form === 'range') this.push(line, name!, Number(ms), 'all');
  }

  private pairs(text: string, before: string, line: number): void {
    this.form = undefined;
    const rank = PREFIX_RANK.exec(before)?.[1];
    if (rank !== undefined) this.highestRank = Math.max(this.highestRank, Number(rank));
    for (const pair of text.split('|')) {
      const parts = /^\s*([A-Za-z][\w-]*)\s*:\s*([\d.]+)\s*$/.exec(pair);
      if (parts !== null) this.push(line, parts[1]!, Number(parts[2]), rank);
    }
  }

  private push(line: number, name: string, ms: number, rank: string | undefined): void {
    if (!Number.isFinite(ms)) return;
    const isSingle = name.endsWith('microstep');
    this.values.push({ line, name, ms, rank, iteration: this.iteration, isSingle });
  }

  /** GPUs, if every rank has a time. */
  get gpus(): number | undefined {
    return this.highestRank < 0 ? undefined : this.highestRank + 1;
  }

  /** Iterations between two reports. */
  get interval(): number {
    return this.facts.get('log_interval') ?? 1;
  }

  get job(): JobFacts {
    const get = (name: string) => this.facts.get(name);
    const stages = get('pipeline_model_parallel_size');
    const gpus = get('world_size');
    const [whole, micro, copies] = [
      get('global_batch_size'),
      get('micro_batch_size'),
      get('data_parallel_size'),
    ];
    const count =
      whole === undefined || micro === undefined || copies === undefined
        ? get('gradient_accumulation_steps')
        : whole / (micro * copies);
    const microbatches =
      count !== undefined && Number.isInteger(count) && count > 0 ? count : undefined;
    return { microbatches, stages, gpus };
  }
}
