import { groupBy } from '../../../src/groups.js';

/** A measured or simulated signal: power that is held from each of its times to the next. */
export interface PowerSignal {
  readonly name: string;
  /** s, ascending or not. */
  readonly timeS: Float64Array;
  /** NaN where nothing is known. */
  readonly powerW: Float64Array;
  /** The energy counter of a GPU, J, from any origin. */
  readonly counterJ?: Float64Array | undefined;
}

/** Signals that are added up: the GPUs, stages or pipelines of one run; or one signal. */
export interface SignalGroup {
  readonly name: string;
  readonly signals: readonly PowerSignal[];
}

/** `perseus_stage0_W`, `gpu3_W`, `gpu3` */
const PART = /^(?:(.*)_)?((?:stage|pipeline|gpu)_?)\d+(?:_[kmMG]?W)?$/i;

/** Groups signals by what they are parts of; each of the others is a group of its own. */
export function signalGroups(signals: readonly PowerSignal[]): SignalGroup[] {
  const groups = groupBy(signals, ({ name }) => {
    const part = PART.exec(name);
    return part === null ? name : `${part[1] ?? ''} ${part[2]!.toLowerCase()}`;
  });
  return [...groups.values()].map((together) => {
    const [{ name }] = together as [PowerSignal];
    const [, prefix, kind] = PART.exec(name) ?? [];
    const isOne = together.length === 1;
    return {
      name: isOne || kind === undefined ? name : (prefix ?? `all ${kind.replace('_', '')}s`),
      signals: together,
    };
  });
}

/** The group that a name means: with or without its unit, in any case; a part counts too. */
export function namedGroup(
  groups: readonly SignalGroup[],
  wanted: string,
): SignalGroup | undefined {
  const plain = (name: string) => name.toLowerCase().replace(/[\s_[(]*[kmg]?w[\])]?$/, '');
  const isIt = ({ name }: { readonly name: string }) => plain(name) === plain(wanted);
  const part = groups.flatMap(({ signals }) => signals).find(isIt);
  return groups.find(isIt) ?? (part && { name: part.name, signals: [part] });
}
