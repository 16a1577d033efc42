import { existsSync, renameSync, rmSync } from 'node:fs';
import { ProblemGathering } from '../../src/problem-list.js';
import { visibleLine } from '../../src/visible.js';
import { makeFinalTable } from '../sweep/final-table.js';
import { mergeResults } from '../sweep/merge.js';
import { SweepStore } from '../sweep/store.js';
import { CommandFiles } from './command-files.js';
import { checkReadable } from '../disk/files.js';
import type { Call } from './declare.js';
import type { merge as declared } from './merge-options.js';

/** `pipewatt results merge OUTPUT INPUT…`: the shards of a sweep as one file of results. */
export async function mergeCommand(call: Call<typeof declared>): Promise<void> {
  const { terminal } = call;
  const [output, inputs] = call.args;
  const files = new CommandFiles(call);
  const gathering = new ProblemGathering();
  for (const input of inputs) {
    files.reads(input);
    gathering.attempt(() => {
      checkReadable(input, 'results');
    });
  }
  if (existsSync(output)) {
    gathering.add({ source: output, message: 'exists already; choose another name' });
  }
  files.writes('output', output);
  files.checkOutputs(gathering);
  gathering.throwIfAny();
  const temporary = `${output}.${process.pid}.tmp`;
  try {
    await mergeResults(temporary, inputs);
    terminal.out(`${await finish(temporary, inputs.length)} in ${output}\n`);
    renameSync(temporary, output);
    files.wrote(output);
  } catch (error) {
    for (const ending of ['', '.wal']) rmSync(`${temporary}${ending}`, { force: true });
    throw error;
  }
}

/** Makes the table of results. @returns a sentence on the runs that are there and those missing. */
async function finish(path: string, files: number): Promise<string> {
  const store = await SweepStore.open(path);
  try {
    const sweep = (await store.identity())!;
    const runs = (await store.runs()).length;
    const merged = `${visibleLine(sweep.name)}: ${runs} of ${sweep.runs} runs from ${files} files`;
    if (runs < sweep.runs)
      return `${merged}, ${sweep.runs - runs} missing (pipewatt sweep with --output adds them);`;
    await makeFinalTable(store, sweep);
    return merged;
  } finally {
    store.close();
  }
}
