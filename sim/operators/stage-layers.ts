import { quoted } from '../../src/problem-list.js';

/** The layers of a part of the model: blocks, and blocks that predict later tokens. */
export interface PartLayers {
  readonly blocks: number;
  readonly predictions: number;
}

/** A description of the layers on each stage, as columns of a case. */
interface PartitionRequest {
  /** Megatron's --pipeline-model-parallel-layout; empty if there is none. */
  readonly layout: string;
  /** Megatron's --decoder-first-pipeline-num-layers and --decoder-last-pipeline-num-layers. */
  readonly firstStageLayers?: number | undefined;
  readonly lastStageLayers?: number | undefined;
  /** Megatron's --account-for-embedding-in-pipeline-split, and the same for the loss. */
  readonly countsEmbedding: boolean;
  readonly countsLoss: boolean;
}

/** The totals that a partition divides. */
interface Divided {
  readonly blocks: number;
  readonly predictions: number;
  readonly stages: number;
  /** Parts of the model on each stage. */
  readonly chunks: number;
}

type Complain = (column: string, message: string) => void;

const SYMBOLS = 'E embedding, t layer, m multi-token prediction, L loss, | next part';
/** More symbols than any job has; a short text can ask for more than fits in memory. */
const MOST_SYMBOLS = 100_000;

/** The symbols of a layout, with repetitions written out: `t*3` is `ttt`, `(tt|)*2` is `tt|tt|`. */
export function unrolledLayout(layout: string): string | { readonly problem: string } {
  const text = layout.replaceAll(/[\s,'"]/g, '');
  const open: string[] = [];
  let made = '';
  let last = '';
  for (let at = 0; at < text.length;) {
    const symbol = text[at]!;
    const repeat = /^\*(\d+)/.exec(text.slice(at));
    if (repeat !== null) {
      const times = Number(repeat[1]);
      if (last === '') return { problem: `"${repeat[0]}" repeats nothing` };
      if (times < 1 || last.length * times > MOST_SYMBOLS) {
        return { problem: `"${repeat[0]}" repeats ${times === 0 ? 'no' : 'too many'} times` };
      }
      made = made.slice(0, made.length - last.length) + last.repeat(times);
      last = '';
      at += repeat[0].length;
    } else {
      at += 1;
      if (symbol === '(') {
        open.push(made);
        [made, last] = ['', ''];
      } else if (symbol === ')') {
        const before = open.pop();
        if (before === undefined) return { problem: '")" closes nothing' };
        last = made;
        made = before + made;
      } else if ('EtmL|'.includes(symbol)) {
        last = symbol;
        made += symbol;
      } else return { problem: `"${symbol}" is none of ${SYMBOLS}` };
    }
    if (made.length > MOST_SYMBOLS) return { problem: 'more symbols than any job has' };
  }
  return open.length > 0 ? { problem: '"(" is not closed' } : made;
}

/** The number of parts in a layout, if it can be read; the chunks follow from it. */
export function layoutParts(layout: string): number | undefined {
  if (layout === '') return undefined;
  const made = unrolledLayout(layout);
  return typeof made === 'string' ? made.split('|').length : undefined;
}

/** The number of multi-token predictions in a layout, if it can be read. */
export function layoutPredictions(layout: string): number | undefined {
  if (layout === '') return undefined;
  const made = unrolledLayout(layout);
  return typeof made === 'string' ? made.split('m').length - 1 : undefined;
}

/**
 * The parts of a model in a request, from the first stage's first chunk on, stage by stage and then
 * chunk by chunk; undefined if the request is empty, or wrong, which is reported.
 */
export function requestedPartition(
  request: PartitionRequest,
  divided: Divided,
  complain: Complain,
): PartLayers[] | undefined {
  const { layout, firstStageLayers, lastStageLayers, countsEmbedding, countsLoss } = request;
  const hasCounts = firstStageLayers !== undefined || lastStageLayers !== undefined;
  const isAccounted = countsEmbedding || countsLoss;
  if (layout !== '') {
    if (hasCounts || isAccounted) {
      complain('layout', 'says which layers each stage has; leave the other columns of it empty');
      return undefined;
    }
    return fromLayout(layout, divided, complain);
  }
  if (hasCounts && isAccounted) {
    const message = 'embedding and loss cannot count as layers where a stage has its own number';
    complain(countsEmbedding ? 'account_for_embedding' : 'account_for_loss', message);
    return undefined;
  }
  const counts = hasCounts
    ? fromCounts(firstStageLayers, lastStageLayers, divided, complain)
    : isAccounted
      ? fromAccounts(countsEmbedding, countsLoss, divided, complain)
      : undefined;
  return counts?.map((blocks, part) => ({
    blocks,
    predictions: part === counts.length - 1 ? divided.predictions : 0,
  }));
}

function fromLayout(
  layout: string,
  { blocks, predictions, stages, chunks }: Divided,
  complain: Complain,
): PartLayers[] | undefined {
  const refuse = (message: string) => {
    complain('layout', `found ${quoted(layout)}: ${message}`);
  };
  const made = unrolledLayout(layout);
  if (typeof made !== 'string') {
    refuse(made.problem);
    return undefined;
  }
  const parts = made.split('|');
  const count = (symbol: string, text = made) => text.split(symbol).length - 1;
  const problems = [
    parts.length !== stages * chunks &&
      `it has ${parts.length} parts, expected ${stages * chunks} (${stages} stages × ${chunks} chunks)`,
    count('t') !== blocks && `it has ${count('t')} layers (t), expected ${blocks}`,
    (count('E') !== 1 || !made.startsWith('E')) &&
      'expected the embedding (E) once, before all else',
    (count('L') !== 1 || !made.endsWith('L')) && 'expected the loss (L) once, after all else',
    count('m') !== predictions &&
      `it has ${count('m')} multi-token predictions (m), expected ${predictions}`,
    /m.*t/.test(made) && 'multi-token predictions (m) come after all layers (t)',
    parts.filter((part) => part.includes('m')).length > 1 &&
      'all multi-token predictions (m) are on one part',
    parts.slice(0, -stages).some((part) => part.includes('m')) &&
      'multi-token predictions (m) are on the last chunk of a stage',
  ].filter((problem) => problem !== false);
  if (problems.length > 0) {
    refuse(problems.join('; '));
    return undefined;
  }
  return parts.map((part) => ({ blocks: count('t', part), predictions: count('m', part) }));
}

/**
 * First and last stage with their own numbers of layers, which their chunks share; the others are
 * even.
 */
function fromCounts(
  first: number | undefined,
  last: number | undefined,
  { blocks, stages, chunks }: Divided,
  complain: Complain,
): number[] | undefined {
  const given = [
    ['first_stage_layers', first, 0],
    ['last_stage_layers', last, stages - 1],
  ] as const;
  const own = given.filter(([, layers]) => layers !== undefined);
  const others = stages - own.length;
  const rest = own.reduce((sum, [, layers]) => sum - layers!, blocks);
  const column = own[0]![0];
  const before = own.map(([, layers]) => layers).join(' and ');
  if (others < 1 ? rest !== 0 || stages < own.length : rest < 1 || rest % (others * chunks) !== 0) {
    complain(
      column,
      `found ${before}; the other ${Math.max(0, others)} stages × ${chunks} chunks must be able to share the rest of ${blocks} layers evenly`,
    );
    return undefined;
  }
  for (const [name, layers] of own) {
    if (layers! % chunks === 0) continue;
    complain(name, `found ${layers}, which the ${chunks} chunks of a stage must share evenly`);
    return undefined;
  }
  return Array.from({ length: stages * chunks }, (_, part) => {
    const mine = own.find(([, , stage]) => stage === part % stages);
    return (mine === undefined ? rest / others : mine[1]!) / chunks;
  });
}

/** Even parts, with the embedding replacing a layer of the first, and the loss one of the last. */
function fromAccounts(
  countsEmbedding: boolean,
  countsLoss: boolean,
  { blocks, stages, chunks }: Divided,
  complain: Complain,
): number[] | undefined {
  const parts = stages * chunks;
  const all = blocks + Number(countsEmbedding) + Number(countsLoss);
  if (all % parts !== 0) {
    complain(
      countsEmbedding ? 'account_for_embedding' : 'account_for_loss',
      `found yes, which makes ${all} of ${blocks} layers; ${stages} stages × ${chunks} chunks must share them evenly`,
    );
    return undefined;
  }
  return Array.from(
    { length: parts },
    (_, part) =>
      all / parts -
      Number(countsEmbedding && part === 0) -
      Number(countsLoss && part === parts - 1),
  );
}
