import { kindRules, type KindRule } from '../../replay/operation-kinds.js';
import type { StepGraph } from '../../replay/step-graph.js';
import type { Trace } from '../../replay/trace.js';

/** A handover from one operation of a step to another. */
export interface Arrow {
  readonly from: number;
  readonly to: number;
  readonly kind: 'input' | 'output' | 'transfer' | 'meeting' | 'parameters' | 'gradients';
}

/** The index among a graph's workers of each operation's. */
export function workerOf({ workers, operation }: StepGraph): Int32Array {
  const found = new Int32Array(operation.length);
  workers.forEach(({ first, end }, w) => found.fill(w, first, end));
  return found;
}

/**
 * The handovers of a step: a computation to its send, a send to its receive, a receive to the computation
 * that needs it; where no transfers are traced, computation to computation; and the last to begin an
 * exchange to all that waited for it.
 *
 * @param graph the waits as published, which are those for data.
 * @param startS when operations begin.
 */
export function arrowsOf(trace: Trace, graph: StepGraph, startS: Float64Array): Arrow[] {
  const rules = kindRules(trace);
  const ruleOf = (i: number) => rules[graph.kind[i]!]!;
  const kindOf = (i: number) => trace.kinds[graph.kind[i]!]!;
  const owner = workerOf(graph);
  const arrows: Arrow[] = [];
  const { predecessorStart, predecessor, operation } = graph;
  for (let to = 0; to < operation.length; to++) {
    for (let a = predecessorStart[to]!; a < predecessorStart[to + 1]!; a++) {
      const from = predecessor[a]!;
      const isElsewhere = owner[from] !== owner[to];
      const kind = handover(
        { rule: ruleOf(from), kind: kindOf(from) },
        { rule: ruleOf(to), kind: kindOf(to) },
        isElsewhere,
      );
      if (kind !== undefined) arrows.push({ from, to, kind });
    }
  }
  return [...arrows, ...meetings(graph, ruleOf, kindOf, startS)];
}

interface Side {
  readonly rule: KindRule;
  readonly kind: string;
}

function handover(from: Side, to: Side, isElsewhere: boolean): Arrow['kind'] | undefined {
  if (isElsewhere) return from.rule.role === 'compute' ? 'input' : 'transfer';
  const [direction] = to.kind.split('-');
  switch (`${from.rule.role} ${to.rule.role}`) {
    case 'transfer compute':
      return from.kind.endsWith('recv') ? 'input' : undefined;
    case 'compute transfer':
      return to.kind.endsWith('send') && from.kind.startsWith(direction!) ? 'output' : undefined;
    case 'parameters compute':
      return 'parameters';
    case 'compute gradients':
    case 'gradients in-turn':
      return 'gradients';
    default:
      return undefined;
  }
}

/** Within each group that meets: from the send to the receive, or from the last to begin to the others. */
function meetings(
  { groupStart, member }: StepGraph,
  ruleOf: (i: number) => KindRule,
  kindOf: (i: number) => string,
  startS: Float64Array,
): Arrow[] {
  const arrows: Arrow[] = [];
  for (let g = 0; g + 1 < groupStart.length; g++) {
    const members = [...member.subarray(groupStart[g], groupStart[g + 1])];
    const isTransfer = ruleOf(members[0]!).role === 'transfer';
    const first = isTransfer
      ? members.find((i) => kindOf(i).endsWith('send'))!
      : members.reduce((a, b) => (startS[b]! > startS[a]! ? b : a));
    for (const i of members) {
      if (i === first) continue;
      arrows.push({ from: first, to: i, kind: isTransfer ? 'transfer' : 'meeting' });
    }
  }
  return arrows;
}
