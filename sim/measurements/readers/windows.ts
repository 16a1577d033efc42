/** A stretch of time. */
interface Stretch {
  readonly startS: number;
  readonly endS: number;
}

/**
 * The windows that enclose no other of their kind, in order of time. O(n log n), and a window's
 * depth.
 */
export function withoutEnclosing<W extends Stretch>(
  windows: readonly W[],
  kindOf: (window: W) => string,
): W[] {
  const sorted = [...windows].sort((a, b) => a.startS - b.startS || b.endS - a.endS);
  const enclosing = new Set<W>();
  const open = new Map<string, W>();
  for (const window of sorted) {
    const kind = kindOf(window);
    const outer = open.get(kind);
    // Equal windows are two measurements, not one within the other.
    if (outer !== undefined && window.endS <= outer.endS && isShorter(window, outer)) {
      enclosing.add(outer);
    }
    open.set(kind, window);
  }
  return sorted.filter((window) => !enclosing.has(window));
}

function isShorter(a: Stretch, b: Stretch): boolean {
  return a.endS - a.startS < b.endS - b.startS;
}

/** Stretches of time that are iterations, and their numbers. */
export class Iterations {
  private readonly found: { startS: number; endS: number; number: number }[] = [];
  private isSorted = true;

  /** @param number -1 if unknown: it is then its place in order of time. */
  add(startS: number, endS: number, number: number): void {
    this.found.push({ startS, endS, number });
    this.isSorted = false;
  }

  /**
   * The number of the iteration at a time; -1 if there are no iterations at all, undefined if the
   * time is in none. O(log n).
   */
  numberAt(timeS: number): number | undefined {
    if (this.found.length === 0) return -1;
    if (!this.isSorted) this.sort();
    let low = 0;
    let high = this.found.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.found[middle]!.startS <= timeS) low = middle + 1;
      else high = middle;
    }
    const last = this.found[low - 1];
    return last === undefined || timeS > last.endS ? undefined : last.number;
  }

  private sort(): void {
    this.found.sort((a, b) => a.startS - b.startS);
    for (const [k, iteration] of this.found.entries()) {
      if (iteration.number < 0) iteration.number = k;
    }
    this.isSorted = true;
  }
}
