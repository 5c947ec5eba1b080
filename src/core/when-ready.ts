/** Goes on at once with what is there already: a promise would cost a turn, and views may not outlive one. */
export function whenReady<T, R>(value: T | Promise<T>, use: (value: T) => R): R | Promise<Awaited<R>> {
  return value instanceof Promise ? (value.then(use) as Promise<Awaited<R>>) : use(value);
}
