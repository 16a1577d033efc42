import test from 'ava';
import fc from 'fast-check';
import { MaxFlow } from '../../src/planner/perseus/max-flow.js';
import { buildNetwork, SINK, SOURCE, type Network } from '../../src/planner/perseus/network.js';
import { checkProperty } from '../support/properties.js';
import { anyProblem } from '../support/random-problems.js';

/** Edmonds and Karp's algorithm, straight from the book. @returns what the source reaches at last. */
function shortestPaths({ head, twin, nodeCount }: Network, residual: Float64Array): Set<number> {
  for (;;) {
    const cameBy = new Map<number, number>([[SOURCE, -1]]);
    for (const v of cameBy.keys()) {
      head.forEach((w, h) => {
        if (head[twin[h]!] === v && residual[h]! > 0 && !cameBy.has(w)) cameBy.set(w, h);
      });
    }
    if (!cameBy.has(SINK)) return new Set(cameBy.keys());
    const path: number[] = [];
    for (let v = SINK; v !== SOURCE; v = head[twin[path.at(-1)!]!]!) path.push(cameBy.get(v)!);
    if (path.length > nodeCount) throw new Error('a path goes in circles');
    const limit = Math.min(...path.map((h) => residual[h]!));
    for (const h of path) {
      residual[h]! -= limit;
      residual[twin[h]!]! += limit;
    }
  }
}

function outOfSource({ head, twin }: Network, given: Float64Array, residual: Float64Array): number {
  let flow = 0;
  head.forEach((_, h) => {
    if (head[twin[h]!] === SOURCE) flow += given[h]! - residual[h]!;
  });
  return flow;
}

// Capacities of 0 are arcs that open later.
const capacities = fc.array(fc.nat(9), { minLength: 400, maxLength: 400 });

for (const [name, mostSearches] of [
  ['by searches alone', Infinity],
  ['by one search, then pushes', 1],
  ['by pushes alone', 0],
] as const) {
  test(`flows are the largest, again and again as arcs open: ${name}`, async (t) => {
    const openings = fc.array(capacities, { minLength: 1, maxLength: 4 });
    await checkProperty(t, fc.tuple(anyProblem, openings), ([problem, rounds]) => {
      const network = buildNetwork(problem);
      const found = new MaxFlow(network, mostSearches);
      const expected = found.residual.slice();
      const given = found.residual.slice();
      for (const round of rounds) {
        for (let arc = 0; arc < network.arcCount; arc++) {
          const more = round[arc % round.length]! % 3 === 0 ? round[arc % round.length]! : 0;
          for (const each of [given, expected, found.residual]) each[network.forth[arc]!]! += more;
          if (more > 0 && found.isReachable(network.arcTail[arc]!)) {
            found.open(network.forth[arc]!);
          }
        }
        if (!found.run()) throw new Error('no path is without a limit here');
        const reached = shortestPaths(network, expected);
        const ours = new Set(found.reached.subarray(0, found.reachedCount));
        if (ours.size !== reached.size || ![...ours].every((node) => reached.has(node))) {
          throw new Error(`reaches ${[...ours].join()}, expected ${[...reached].join()}`);
        }
        const border = [...found.border.subarray(0, found.borderCount)].sort((a, b) => a - b);
        const leaving = [...network.head.keys()].filter(
          (h) => reached.has(network.head[network.twin[h]!]!) && !reached.has(network.head[h]!),
        );
        if (border.join() !== leaving.join()) {
          throw new Error(`has the border ${border.join()}, expected ${leaving.join()}`);
        }
        const flows = [found.residual, expected].map((r) => outOfSource(network, given, r));
        if (flows[0] !== flows[1]) throw new Error(`sends ${flows[0]}, expected ${flows[1]}`);
        found.residual.forEach((left, h) => {
          const twin = network.twin[h]!;
          if (left < 0 || left + found.residual[twin]! !== given[h]! + given[twin]!) {
            throw new Error(`half-arc ${h} has ${left} left`);
          }
        });
      }
    });
  });
}

for (const mostSearches of [Infinity, 0]) {
  test(`a path without a limit is told: after ${mostSearches} searches`, async (t) => {
    await checkProperty(t, anyProblem, (problem) => {
      const flow = new MaxFlow(buildNetwork(problem), mostSearches);
      flow.residual.fill(Infinity);
      if (flow.run()) throw new Error('every path is without a limit');
    });
  });
}
