import fc from 'fast-check';
import { appendFileSync } from 'node:fs';
import { FuzzProcess } from './fuzz-process.js';
import { complaintOf } from './check.js';
import { shown } from './fuzz-input.js';
import { FUZZ_TARGETS } from './targets.js';

/**
 * Looks for failures of many kinds instead of stopping at the first:
 * `node dist/test/fuzz/explore.js SEED COUNT [TARGET]`, which appends one of each kind to FILE.
 */
const [seedText = '1', countText = '1000', only] = process.argv.slice(2);
const seed = Number(seedText);
const running = new FuzzProcess();
for (const target of FUZZ_TARGETS.filter(({ name }) => only === undefined || name === only)) {
  const count =
    only === undefined ? Math.round((Number(countText) * target.share) / 100) : Number(countText);
  const kinds = new Map<string, number>();
  const codes = new Map<number | string, number>();
  const startMs = performance.now();
  for (const input of fc.sample(await target.inputs(), { seed, numRuns: count })) {
    const { complaint, code } = await complaintOf(target, input, running);
    codes.set(code, (codes.get(code) ?? 0) + 1);
    if (complaint === undefined) continue;
    const kind = complaint.replace(/[-+]?\d[\d.e+-]*/g, '#').slice(0, 160);
    const before = kinds.get(kind) ?? 0;
    kinds.set(kind, before + 1);
    if (before > 0) continue;
    appendFileSync(
      'fuzz-failures.txt',
      `\n==== ${target.name}: ${complaint.slice(0, 1500)}\n${shown(input)}\n`,
    );
  }
  const s = (performance.now() - startMs) / 1000;
  process.stdout.write(
    `${target.name}: ${count} in ${s.toFixed(0)} s; codes ${[...codes].map(String).join(' ')}\n`,
  );
  for (const [kind, times] of [...kinds].sort(([, a], [, b]) => b - a)) {
    process.stdout.write(`  ${times} × ${kind.replaceAll('\n', ' ¶ ')}\n`);
  }
}
running.stop();
