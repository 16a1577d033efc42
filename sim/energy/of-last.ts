/**
 * A function that is computed anew only if an argument is another than the last time. Arrays are the
 * same only if they are one object.
 */
export function ofLast<A extends readonly unknown[], R>(
  compute: (...args: A) => R,
): (...args: A) => R {
  let last: { readonly args: A; readonly result: R } | undefined;
  return (...args) => {
    const isSame =
      last?.args.length === args.length && last.args.every((arg, k) => Object.is(arg, args[k]));
    if (!isSame) last = { args, result: compute(...args) };
    return last!.result;
  };
}
