import test from 'ava';
import { isOfShard, parseShard } from '../../sim/sweep/shard.js';

test('shards are i of n; each run is of one', (t) => {
  t.deepEqual(parseShard('3/8', {}), { number: 3, of: 8 });
  for (const wrong of ['0/3', '4/3', 'x', '1/0', '1.5/3', '-1/3', '']) {
    t.regex(parseShard(wrong, {}) as string, /expected i\/n with i from 1 to n/);
  }
  for (let index = 0; index < 10; index++) {
    const shards = [1, 2, 3].filter((number) => isOfShard(index, { number, of: 3 }));
    t.is(shards.length, 1);
  }
});

/** Variables of the tasks of an array, as Slurm sets them. */
function arrayTasks(first: number, last: number, step: number) {
  const ids: number[] = [];
  for (let id = first; id <= last; id += step) ids.push(id);
  return ids.map((id) => ({
    SLURM_ARRAY_TASK_ID: String(id),
    SLURM_ARRAY_TASK_COUNT: String(ids.length),
    SLURM_ARRAY_TASK_MIN: String(first),
    SLURM_ARRAY_TASK_MAX: String(ids.at(-1)),
    SLURM_ARRAY_TASK_STEP: String(step),
  }));
}

test('tasks of an array job are its shards, wherever it begins and in whatever steps', (t) => {
  for (const [first, last, step] of [
    [0, 7, 1],
    [1, 8, 1],
    [5, 20, 5],
    [3, 3, 1],
    [0, 10, 4],
  ] as const) {
    const tasks = arrayTasks(first, last, step);
    t.deepEqual(
      tasks.map((task) => parseShard('slurm', task)),
      tasks.map((_, k) => ({ number: k + 1, of: tasks.length })),
      `--array=${first}-${last}:${step}`,
    );
  }
});

test('arrays with gaps, and no array at all, are refused', (t) => {
  const gap = { ...arrayTasks(1, 3, 1)[0]!, SLURM_ARRAY_TASK_MAX: '5' };
  for (const wrong of [{}, gap, { SLURM_ARRAY_TASK_ID: '3' }]) {
    t.regex(parseShard('slurm', wrong) as string, /are not those of an array without gaps/);
  }
});
