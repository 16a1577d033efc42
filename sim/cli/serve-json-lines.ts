/** A line of the input, or the length of one that is too long to be read. */
export type Line = { readonly bytes: Buffer } | { readonly tooLong: number };

const NEWLINE = 10;

/** Cuts bytes into lines. A line that is too long is passed over as it comes, and never kept. */
export class LineCutter {
  private pieces: Buffer[] = [];
  private length = 0;

  /** @param mostBytes of a line. */
  constructor(
    private readonly mostBytes: number,
    private readonly onLine: (line: Line) => void,
  ) {}

  add(bytes: Buffer): void {
    let from = 0;
    for (;;) {
      const at = bytes.indexOf(NEWLINE, from);
      if (at < 0) break;
      this.keep(bytes.subarray(from, at));
      this.finish();
      from = at + 1;
    }
    this.keep(bytes.subarray(from));
  }

  /** Ends the input: the last line need not end with a newline. */
  end(): void {
    if (this.length > 0) this.finish();
  }

  private keep(piece: Buffer): void {
    this.length += piece.length;
    if (this.length > this.mostBytes) this.pieces = [];
    else if (piece.length > 0) this.pieces.push(piece);
  }

  private finish(): void {
    const { length, pieces } = this;
    this.length = 0;
    this.pieces = [];
    this.onLine(length > this.mostBytes ? { tooLong: length } : { bytes: Buffer.concat(pieces) });
  }
}
