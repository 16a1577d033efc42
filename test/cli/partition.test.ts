import test from 'ava';
import { begin } from '../support/command.js';

const partition = (...args: string[]) => begin(['partition', '--blocks', '30', ...args]).ended;

test("partition sets a layout of Megatron's beside its own", async (t) => {
  const layout = 'Et*8|(t*8|)*2t*6L';
  const { code, out } = await partition(
    ...['--head', '1.5', '--stages', '4', '--layout', layout, '--format', 'json'],
  );
  t.is(code, 0);
  const { partitions } = JSON.parse(out) as {
    partitions: Record<string, { layerCounts: number[]; stageCosts: number[] }>;
  };
  t.deepEqual(Object.keys(partitions), [
    'layout',
    'even',
    'minimum-bottleneck',
    'minimum-imbalance',
  ]);
  // The head is a layer of its own.
  t.deepEqual(partitions['layout']!.layerCounts, [8, 8, 8, 7]);
  t.deepEqual(partitions['layout']!.stageCosts, [8, 8, 8, 7.5]);
});

test('partition refuses layouts that do not fit', async (t) => {
  const refused = async (layout: string) => {
    const { code, out, err } = await partition('--stages', '4', '--layout', layout);
    t.deepEqual([code, out], [2, '']);
    return err;
  };
  t.regex(await refused('Et*8|t*8|t*8|t*7L'), /--layout: .*it has 31 layers \(t\), expected 30/);
  t.regex(await refused('Et*8|x|t*8|t*7L'), /"x" is none of E embedding, t layer/);
  t.regex(await refused('E|t*15|t*15|L'), /--layout: leaves stage 0 .* without work/);
});
