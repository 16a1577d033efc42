/** Values by key; those used last are kept, at most a few. */
export class Recent<T> {
  private readonly known = new Map<string, T>();

  constructor(private readonly most: number) {}

  get(key: string): T | undefined {
    const found = this.known.get(key);
    if (found !== undefined) this.set(key, found);
    return found;
  }

  /** A map keeps its keys in the order in which they were set: the first is the least recently used. */
  set(key: string, value: T): void {
    this.known.delete(key);
    this.known.set(key, value);
    if (this.known.size > this.most) this.known.delete(this.known.keys().next().value!);
  }

  clear(): void {
    this.known.clear();
  }
}
