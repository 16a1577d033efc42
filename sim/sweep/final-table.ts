import { COLUMN_NAMES } from '../results/columns.js';
import { quotedName, quotedText } from './sql-text.js';
import type { SweepIdentity, SweepStore } from './store.js';

/**
 * Makes the table `results`: a row per run and policy, in their order; first the fields that the
 * run varied, then its results. The same runs give the same table, however they were executed.
 *
 * @param kind `TEMPORARY` in a file that is only read.
 */
export async function makeFinalTable(
  store: SweepStore,
  sweep: SweepIdentity,
  kind: 'TABLE' | 'TEMPORARY TABLE' = 'TABLE',
): Promise<void> {
  const columns = await fieldColumns(store, sweep.fields);
  const known = ['r.run', ...columns, 'r.status', 'r.error'];
  const create = `CREATE OR REPLACE ${kind} results AS SELECT ${known.join(', ')}`;
  // Varied fields come first already; one of them, the seed, is also among a run's own columns.
  const given = COLUMN_NAMES.filter((name) => !sweep.fields.includes(name));
  const order = sweep.policies.map((policy, k) => `WHEN ${quotedText(policy)} THEN ${k}`).join(' ');
  await store.query(
    `${create}, ${given.map((name) => `p.${quotedName(name)}`).join(', ')}
     FROM runs r LEFT JOIN policies p ON r.run = p.run
     ORDER BY r.run, CASE p.policy ${order} ELSE ${sweep.policies.length} END`,
  );
}

/** The varied fields as columns: of numbers, if all their values are. */
async function fieldColumns(store: SweepStore, fields: readonly string[]): Promise<string[]> {
  const texts = fields.map(
    (field) => `json_extract_string(r.parameters, ${quotedText(`$."${field}"`)})`,
  );
  if (texts.length === 0) return [];
  const tested = texts.map(
    (text, k) => `count(${text}) = count(try_cast(${text} AS DOUBLE)) AS "${k}"`,
  );
  const [areNumbers] = await store.query(`SELECT ${tested.join(', ')} FROM runs r`);
  return texts.map((text, k) => {
    const value = areNumbers![String(k)] === true ? `CAST(${text} AS DOUBLE)` : text;
    return `${value} AS ${quotedName(fields[k]!)}`;
  });
}
