/** The result of `make` as a promise; an error that it throws rejects. */
export function asPromise<T>(make: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(make());
  });
}
