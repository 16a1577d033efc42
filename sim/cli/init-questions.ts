import { SCHEDULE_NAMES } from '../../src/pipeline/schedules.js';
import { LIBRARY } from '../disk/catalog-files.js';

/** The answers from which a scenario is made, as they would be typed. */
export interface InitAnswers {
  /** The source of times and powers: a profile of the catalog, or a model on a GPU. */
  readonly source: 'catalog' | 'model';
  readonly catalog: string;
  readonly model: string;
  readonly gpu: string;
  readonly microbatch: number;
  readonly schedule: string;
  readonly stages: number;
  readonly microbatches: number;
  readonly tensorParallel: number;
  readonly pipelines: number;
  /** 1 if there is no straggler. */
  readonly slowdown: number;
}

/** A question whose answer is one of a few names. */
interface ChoiceQuestion {
  readonly kind: 'choice';
  readonly names: () => readonly string[];
  readonly preset: string;
}

/** A question whose answer is a number. */
interface NumberQuestion {
  readonly kind: 'number';
  readonly preset: number;
  readonly isWhole: boolean;
}

/** A question, and whether it is asked after the answers so far. */
export type Question = (ChoiceQuestion | NumberQuestion) & {
  readonly name: keyof InitAnswers;
  readonly message: string;
  readonly when?: (answers: Partial<InitAnswers>) => boolean;
};

const ofModel = ({ source }: Partial<InitAnswers>) => source === 'model';

function choice(
  name: keyof InitAnswers,
  message: string,
  preset: string,
  names: () => readonly string[],
  when?: Question['when'],
): Question {
  return { kind: 'choice', name, message, preset, names, ...(when && { when }) };
}

function whole(
  name: keyof InitAnswers,
  message: string,
  preset: number,
  when?: Question['when'],
): Question {
  return { kind: 'number', name, message, preset, isWhole: true, ...(when && { when }) };
}

/** The questions, in order. */
export const QUESTIONS: readonly Question[] = [
  choice(
    'source',
    'Times and powers: of a model on a GPU, or of a profile of the catalog?',
    'model',
    () => ['model', 'catalog'],
  ),
  choice(
    'catalog',
    'Profile',
    'gpt3-175b-a100-sxm',
    () => LIBRARY.names('entries', 'measured'),
    ({ source }) => source === 'catalog',
  ),
  choice('model', 'Model', 'llama-3-70b', () => LIBRARY.names('models', 'configs'), ofModel),
  choice('gpu', 'GPU', 'h100-sxm', () => LIBRARY.names('gpus'), ofModel),
  whole('microbatch', 'Sequences in a microbatch', 1, ofModel),
  choice('schedule', 'Order of instructions', '1f1b', () => SCHEDULE_NAMES),
  whole('stages', 'Stages of a pipeline', 8),
  whole('microbatches', 'Microbatches of an iteration', 24),
  whole('tensorParallel', 'GPUs that share a stage (tensor parallel)', 8),
  whole('pipelines', 'Pipelines that train together (data parallel)', 16),
  {
    ...{ kind: 'number', name: 'slowdown', preset: 1.2, isWhole: false },
    message: 'One pipeline is this many times slower (1: none is)',
  },
];

/** Something that answers questions: a reader at a terminal. */
export interface Asking {
  choose(message: string, names: readonly string[], preset: string): Promise<string>;
  number(message: string, preset: number, isWhole: boolean): Promise<number>;
}

/**
 * The answers to all questions: those given, then those of the reader, or the usual ones if there is no
 * reader.
 */
export async function answered(
  given: Partial<InitAnswers>,
  asking: Asking | undefined,
): Promise<InitAnswers> {
  const answers: Record<string, string | number> = {};
  for (const question of QUESTIONS) {
    const { name, message, when } = question;
    const known = given[name];
    const isAsked = asking !== undefined && (when?.(answers) ?? true);
    if (known !== undefined) answers[name] = known;
    else if (!isAsked) answers[name] = question.preset;
    else if (question.kind === 'number') {
      answers[name] = await asking.number(message, question.preset, question.isWhole);
    } else answers[name] = await asking.choose(message, question.names(), question.preset);
  }
  return answers as unknown as InitAnswers;
}

/** A reader at a terminal. */
export async function askingInTerminal(): Promise<Asking> {
  // Help and other commands do not wait for it.
  const { number, search } = await import('@inquirer/prompts');
  return {
    choose: (message, names, preset) =>
      search({
        message,
        default: preset,
        source: (typed = '') => names.filter((name) => name.includes(typed.trim().toLowerCase())),
      }),
    number: (message, preset, isWhole) =>
      number({ message, default: preset, min: 1, step: isWhole ? 1 : 'any', required: true }),
  };
}
