import type { InstructionSpan } from '../measured.js';

/** An instruction as a name in a log describes it. */
export interface NamedInstruction {
  readonly kind: InstructionSpan['kind'];
  readonly stage?: number;
  readonly microbatch?: number;
  readonly iteration?: number;
  readonly rank?: number;
}

/** Words that say which kind of instruction a name means. */
const KINDS: Readonly<Record<string, InstructionSpan['kind']>> = {
  ...{ forward: 'forward', fwd: 'forward', fw: 'forward', forwardpass: 'forward' },
  ...{ backward: 'backward', bwd: 'backward', bw: 'backward', backwardpass: 'backward' },
  ...{ recompute: 'recompute', recomputation: 'recompute' },
  ...{ dgrad: 'input-gradient', wgrad: 'weight-gradient' },
  ...{ load: 'load', dataloader: 'load', loading: 'load' },
};

/** Words beside the kind that change it: of a backward that is split. */
const PARTS: Readonly<Record<string, InstructionSpan['kind']>> = {
  ...{ input: 'input-gradient', inputs: 'input-gradient', i: 'input-gradient' },
  ...{ weight: 'weight-gradient', weights: 'weight-gradient', w: 'weight-gradient' },
};

/** Things that names number. */
type Numbered = 'stage' | 'microbatch' | 'iteration' | 'rank';

/** Words that a number follows, and what it numbers. */
const NUMBERED: Readonly<Record<string, Numbered>> = {
  ...{ stage: 'stage', pp: 'stage', chunkstage: 'stage' },
  ...{ microbatch: 'microbatch', mb: 'microbatch', micro: 'microbatch', ubatch: 'microbatch' },
  ...{ iteration: 'iteration', iter: 'iteration', it: 'iteration' },
  rank: 'rank',
};

/** Words that mean nothing. */
const FILLERS = new Set(
  'step compute pass batch microstep func function model module pipeline exec run schedule grad gradient gradients data the of for full train training p'.split(
    ' ',
  ),
);

/** `PP:1F0`, `0B3`, `2I1`, `0W1`: actions of torch.distributed.pipelining. */
const ACTION = /^(?:[A-Z]+:)?(\d{1,4})(F|B|I|W)(\d{1,6})$/;
const ACTIONS = {
  F: 'forward',
  B: 'backward',
  I: 'input-gradient',
  W: 'weight-gradient',
} as const;

/** Longer names are no instructions. */
const LONGEST = 80;

/**
 * The instruction that a name means: `forward`, `stage0/forward`, `forward_stage_0`, `backward_step`,
 * `Forward 3`, `fwd-mb3`, `PP:1F0`. Undefined if it contains a word that instructions do not have
 * (`forward-recv`, `forward-backward`), so that communication is never taken for computation.
 */
export function instructionOf(name: string): NamedInstruction | undefined {
  if (name.length > LONGEST) return undefined;
  const action = ACTION.exec(name);
  if (action !== null) {
    const [, stage, letter, microbatch] = action;
    return {
      kind: ACTIONS[letter as keyof typeof ACTIONS],
      stage: Number(stage),
      microbatch: Number(microbatch),
    };
  }
  const words = name
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .match(/[a-z]+|\d+|[^a-z\d\s_\-./:#()[\]=,]+/g);
  return words === null ? undefined : described(words);
}

function described(words: readonly string[]): NamedInstruction | undefined {
  let kind: InstructionSpan['kind'] | undefined;
  let part: InstructionSpan['kind'] | undefined;
  let counted: Numbered = 'microbatch';
  const numbers: Partial<Record<Numbered, number>> = {};
  for (const word of words) {
    if (/^\d+$/.test(word)) {
      if (word.length > 9 || numbers[counted] !== undefined) return undefined;
      numbers[counted] = Number(word);
      counted = 'microbatch';
      continue;
    }
    const found = Object.hasOwn(KINDS, word) ? KINDS[word] : undefined;
    if (found !== undefined) {
      if (kind !== undefined && kind !== found) return undefined;
      kind = found;
    } else if (Object.hasOwn(NUMBERED, word)) {
      // The rank within the pipeline is the stage.
      if (word !== 'rank' || counted !== 'stage') counted = NUMBERED[word]!;
    } else if (Object.hasOwn(PARTS, word)) part = PARTS[word];
    else if (!FILLERS.has(word)) return undefined;
  }
  if (kind === undefined || (part !== undefined && kind !== 'backward')) return undefined;
  return { kind: part ?? kind, ...numbers };
}

/** `iteration`, `step 12`, `ProfilerStep#3`: the number is -1 if there is none. */
export function iterationOf(name: string): number | undefined {
  const parts =
    /^(?:train(?:ing)?[ _-]?|global[ _-]?|profiler)?(?:iteration|iter|step|minibatch)[ _#:=-]*(\d{1,9})?$/i.exec(
      name.trim(),
    );
  return parts === null ? undefined : Number(parts[1] ?? -1);
}
