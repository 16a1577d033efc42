/** What `make` makes as a promise; what it throws rejects. */
export function asPromise<T>(make: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(make());
  });
}
