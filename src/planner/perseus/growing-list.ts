/** Entries per block: small frontiers stay small, and large ones are never copied to grow. */
const BLOCK_BITS = 12;
const BLOCK = 1 << BLOCK_BITS;

/** A growing list of numbers in typed arrays, 4 or 8 bytes each, outside the JavaScript heap. */
export class GrowingList<A extends Int32Array | Float64Array> {
  length = 0;
  private readonly blocks: A[] = [];

  /**
   * @param makeBlock creates an array of this many entries.
   */
  constructor(private readonly makeBlock: (length: number) => A) {}

  push(value: number): void {
    if ((this.length & (BLOCK - 1)) === 0) this.blocks.push(this.makeBlock(BLOCK));
    this.blocks[this.length >>> BLOCK_BITS]![this.length & (BLOCK - 1)] = value;
    this.length++;
  }

  set(index: number, value: number): void {
    this.blocks[index >>> BLOCK_BITS]![index & (BLOCK - 1)] = value;
  }

  at(index: number): number {
    return this.blocks[index >>> BLOCK_BITS]![index & (BLOCK - 1)]!;
  }
}

export function growingInts(): GrowingList<Int32Array> {
  return new GrowingList((length) => new Int32Array(length));
}

export function growingDoubles(): GrowingList<Float64Array> {
  return new GrowingList((length) => new Float64Array(length));
}
