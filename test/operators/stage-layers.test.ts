import test from 'ava';
import { requestedPartition, unrolledLayout } from '../../sim/operators/stage-layers.js';

const NOTHING = { layout: '', countsEmbedding: false, countsLoss: false };

/** Blocks of each part, or what is complained of. */
function partition(
  request: Partial<Parameters<typeof requestedPartition>[0]>,
  divided: Partial<Parameters<typeof requestedPartition>[1]>,
) {
  const said: string[] = [];
  const made = requestedPartition(
    { ...NOTHING, ...request },
    { blocks: 8, predictions: 0, stages: 4, chunks: 1, ...divided },
    (column, message) => said.push(`${column}: ${message}`),
  );
  return (
    made?.map(({ blocks, predictions }) => (predictions === 0 ? blocks : `${blocks}m`)) ?? said
  );
}

test('layouts: repetitions of symbols and of groups, commas and spaces', (t) => {
  t.is(unrolledLayout('Et*3|(tt|)*2,m|L'), 'Ettt|tt|tt|m|L');
  t.is(unrolledLayout(' "E t, (t|t)*2 L" '), 'Ett|tt|tL');
  t.is(unrolledLayout('E|*2L'), 'E||L');
  t.is(unrolledLayout('(t*2|)*2'), 'tt|tt|');
  t.is(unrolledLayout('((t|)*2m)*2'), 't|t|mt|t|m');
});

test('layouts that cannot be read say where they stumble', (t) => {
  const problem = (layout: string) => (unrolledLayout(layout) as { problem: string }).problem;
  t.regex(problem('Ettx|L'), /^"x" is none of E embedding, t layer, m multi-token prediction/);
  t.is(problem('(Et|L'), '"(" is not closed');
  t.is(problem('Et)|L'), '")" closes nothing');
  t.is(problem('*3E'), '"*3" repeats nothing');
  t.is(problem('Et*999999999999L'), '"*999999999999" repeats too many times');
  t.is(problem('Et*0L'), '"*0" repeats no times');
  t.regex(problem(`E${'(t*9999|)*9'.repeat(30)}L`), /more symbols than any job has/);
});

test("Megatron's layout of DeepSeek-V3 on 16 stages of two chunks", (t) => {
  const found = partition(
    { layout: 'Et*3|(tt|)*29,m|L' },
    { blocks: 61, predictions: 1, stages: 16, chunks: 2 },
  );
  t.deepEqual(found, [3, ...Array.from({ length: 29 }, () => 2), '0m', 0]);
});

test('a layout that does not fit says all that is wrong', (t) => {
  const [said] = partition({ layout: 'Ett|tt|tt|t' }, { predictions: 1 });
  t.is(
    said,
    'layout: found "Ett|tt|tt|t": it has 7 layers (t), expected 8; expected the loss (L) once, after all else; ' +
      'it has 0 multi-token predictions (m), expected 1',
  );
  t.regex(
    String(partition({ layout: 'Et*4|t*4L' }, {})[0]),
    /it has 2 parts, expected 4 \(4 stages × 1 chunks\)/,
  );
  t.regex(
    String(partition({ layout: 'Et*4|t*3|mt|L' }, { predictions: 1 })[0]),
    /come after all layers/,
  );
  t.regex(
    String(partition({ layout: 'Et*8|m|mL|' }, { predictions: 2, stages: 4 })[0]),
    /all multi-token predictions \(m\) are on one part/,
  );
});

test('first and last stage of their own, shared by their chunks', (t) => {
  t.deepEqual(partition({ firstStageLayers: 3, lastStageLayers: 1 }, {}), [3, 2, 2, 1]);
  t.deepEqual(
    partition({ lastStageLayers: 2, firstStageLayers: 2 }, { chunks: 2, blocks: 12 }),
    [1, 2, 2, 1, 1, 2, 2, 1],
  );
  t.deepEqual(partition({ lastStageLayers: 5 }, { blocks: 11 }), [2, 2, 2, 5]);
  t.regex(
    String(partition({ firstStageLayers: 3 }, {})[0]),
    /^first_stage_layers: found 3; the other 3 stages/,
  );
  t.regex(
    String(partition({ firstStageLayers: 3, lastStageLayers: 1 }, { chunks: 2, blocks: 12 })[0]),
    /^first_stage_layers: found 3, which the 2 chunks/,
  );
  t.regex(
    String(partition({ firstStageLayers: 4, lastStageLayers: 4 }, { stages: 1 })[0]),
    /the other 0 stages/,
  );
});

test('embedding and loss in the place of a layer', (t) => {
  const both = { countsEmbedding: true, countsLoss: true };
  t.deepEqual(partition(both, { blocks: 126, stages: 4, chunks: 8 }).slice(0, 2), [3, 4]);
  t.deepEqual(partition(both, { blocks: 6 }), [1, 2, 2, 1]);
  t.deepEqual(partition({ countsLoss: true, countsEmbedding: false }, { blocks: 7 }), [2, 2, 2, 1]);
  t.regex(
    String(partition(both, {})[0]),
    /^account_for_embedding: found yes, which makes 10 of 8 layers/,
  );
});

test('ways to say it exclude each other', (t) => {
  t.regex(
    String(partition({ layout: 'Et*2|tt|tt|ttL', firstStageLayers: 2 }, {})[0]),
    /^layout: says/,
  );
  t.regex(
    String(partition({ countsLoss: true, lastStageLayers: 2 }, {})[0]),
    /^account_for_loss: embedding and loss cannot count/,
  );
});
