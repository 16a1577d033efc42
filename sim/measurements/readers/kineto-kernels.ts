import { groupBy } from '../../../src/groups.js';
import {
  categoryOf,
  numberArgument,
  trackOf,
  type Annotation,
  type TraceEvent,
} from './kineto-events.js';

/** Kernels that wait for other GPUs. */
const COMMUNICATION = /nccl|rccl|nvshmem|sendrecv|allreduce|allgather|reducescatter/i;

/** When an instruction ran, and how that is known. */
interface Lasted {
  readonly startS: number;
  readonly endS: number;
  readonly side: 'kernels' | 'annotation' | 'host';
}

/** A kernel, with the moment at which the host launched it. */
interface Launched {
  readonly launchS: number;
  readonly startS: number;
  readonly endS: number;
}

/**
 * The work on the GPU that belongs to annotations of the host. Kernels belong to the annotation
 * during which any thread launched them: a backward's are launched by a thread of autograd, which
 * is why the annotations that the profiler copies to the GPU may miss them.
 */
export class GpuSide {
  private readonly launched: readonly Launched[];
  private readonly byName: ReadonlyMap<string, readonly Annotation[]>;
  private readonly taken = new Map<string, number>();

  constructor(events: readonly TraceEvent[], annotations: readonly Annotation[]) {
    this.launched = launchedKernels(events);
    const kernels = events.filter((event) => categoryOf(event) === 'kernel');
    this.byName = groupBy(computing(annotations, kernels), ({ name }) => name);
  }

  /** Annotations on the streams that compute. */
  ownStreams(): Annotation[] {
    return [...this.byName.values()].flat();
  }

  /** When the work of an annotation ran. O(log n), and the kernels of it. */
  of(annotation: Annotation): Lasted {
    const { startS, endS, name } = annotation;
    let first = Infinity;
    let last = -Infinity;
    for (let k = firstFrom(this.launched, startS); k < this.launched.length; k++) {
      const kernel = this.launched[k]!;
      if (kernel.launchS > endS) break;
      first = Math.min(first, kernel.startS);
      last = Math.max(last, kernel.endS);
    }
    if (last > first) return { startS: first, endS: last, side: 'kernels' };
    // The n-th annotation of a name on the host is the n-th on the GPU, if there are as many.
    const copies = this.byName.get(name) ?? [];
    const at = this.taken.get(name) ?? 0;
    this.taken.set(name, at + 1);
    const copy = copies[at];
    return copy === undefined
      ? { startS, endS, side: 'host' }
      : { startS: copy.startS, endS: copy.endS, side: 'annotation' };
  }
}

function firstFrom(launched: readonly Launched[], timeS: number): number {
  let low = 0;
  let high = launched.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (launched[middle]!.launchS < timeS) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Kernels that compute, in the order in which they were launched. O(n log n). */
function launchedKernels(events: readonly TraceEvent[]): Launched[] {
  const launchS = new Map<number, number>();
  for (const event of events) {
    const category = categoryOf(event);
    const isLaunch =
      category === 'cuda_runtime' || category === 'cuda_driver' || category === 'runtime';
    const correlation = isLaunch ? numberArgument(event, 'correlation') : undefined;
    if (correlation !== undefined) launchS.set(correlation, event.ts / 1e6);
  }
  const found = events.flatMap((event): Launched[] => {
    if (categoryOf(event) !== 'kernel' || COMMUNICATION.test(event.name)) return [];
    const at = launchS.get(numberArgument(event, 'correlation') ?? NaN);
    if (at === undefined) return [];
    return [{ launchS: at, startS: event.ts / 1e6, endS: (event.ts + event.dur) / 1e6 }];
  });
  return found.sort((a, b) => a.launchS - b.launchS);
}

/** Annotations on the stream of each GPU that computes the most; those that only communicate are left out. */
function computing(
  annotations: readonly Annotation[],
  kernels: readonly TraceEvent[],
): Annotation[] {
  const busy = new Map<string, number>();
  for (const kernel of kernels) {
    const track = trackOf(kernel);
    const share = COMMUNICATION.test(kernel.name) ? 0 : kernel.dur;
    busy.set(track, (busy.get(track) ?? 0) + share);
  }
  const tracks = [...groupBy(annotations, ({ track }) => track)].map(([track, all]) => ({
    all,
    weight:
      busy.get(track) ??
      (kernels.length > 0 ? 0 : all.reduce((sum, { startS, endS }) => sum + endS - startS, 0)),
  }));
  const [best] = tracks.sort((a, b) => b.weight - a.weight);
  return best === undefined || best.weight === 0
    ? []
    : [...best.all].sort((a, b) => a.startS - b.startS);
}
