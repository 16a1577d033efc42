import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { RowBlock } from './power-rows.js';

/** Values of a row group: some 10 MB. */
const GROUP_VALUES = 1 << 20;

/**
 * A table of powers as Parquet, piece by piece: `t_s`, seconds from 0, and a column for each name, null once
 * its run is over. All are doubles, as they were simulated.
 *
 * @param notes are kept in the file's metadata.
 */
export function* powerParquet(
  names: readonly string[],
  blocks: Iterable<RowBlock>,
  notes: Readonly<Record<string, string>>,
): Generator<Uint8Array> {
  const bytes = new ByteWriter();
  const columns = ['t_s', ...names];
  const writer = new ParquetWriter({
    writer: bytes,
    createdBy: 'pipewatt',
    schema: [
      { name: 'root', num_children: columns.length },
      ...columns.map((name, at) => ({
        ...{ name, type: 'DOUBLE' as const },
        repetition_type: at === 0 ? ('REQUIRED' as const) : ('OPTIONAL' as const),
      })),
    ],
    kvMetadata: Object.entries(notes).map(([key, value]) => ({ key, value })),
  });
  for (const group of rowGroups(blocks, Math.ceil(GROUP_VALUES / columns.length))) {
    const rowGroupSize = group.timeS.length;
    const columnData = [group.timeS, ...group.powerW].map((values, at) => ({
      name: columns[at]!,
      data: withNulls(values),
    }));
    void writer.write({ columnData, rowGroupSize });
    yield taken(bytes);
  }
  void writer.finish();
  yield taken(bytes);
}

/** The bytes written since the last time. */
function taken(bytes: ByteWriter): Uint8Array {
  const piece = bytes.getBytes().slice();
  bytes.index = 0;
  return piece;
}

/** Joins blocks into groups of at least this many rows. */
function* rowGroups(blocks: Iterable<RowBlock>, rows: number): Generator<RowBlock> {
  let joined: RowBlock[] = [];
  let count = 0;
  for (const block of blocks) {
    joined.push(block);
    count += block.timeS.length;
    if (count < rows) continue;
    yield joinedBlocks(joined, count);
    [joined, count] = [[], 0];
  }
  if (count > 0) yield joinedBlocks(joined, count);
}

function joinedBlocks(blocks: readonly RowBlock[], count: number): RowBlock {
  const join = (arraysOf: (block: RowBlock) => Float64Array) => {
    const whole = new Float64Array(count);
    let at = 0;
    for (const block of blocks) {
      whole.set(arraysOf(block), at);
      at += block.timeS.length;
    }
    return whole;
  };
  return {
    timeS: join(({ timeS }) => timeS),
    powerW: blocks[0]!.powerW.map((_, column) => join(({ powerW }) => powerW[column]!)),
  };
}

function withNulls(values: Float64Array): Float64Array | (number | null)[] {
  if (!values.some((value) => Number.isNaN(value))) return values;
  return Array.from(values, (value) => (Number.isNaN(value) ? null : value));
}
