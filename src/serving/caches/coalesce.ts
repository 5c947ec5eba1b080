/**
 * Runs one at a time. A call during a run asks for one more run after it, and resolves with that one: it must see
 * what changed before the call.
 */
export function coalesce(work: () => Promise<void>): { (): Promise<void>; settled(): Promise<void> } {
  let current: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  const run = (): Promise<void> => {
    if (!current) {
      current = work().finally(() => {
        current = null;
      });
      return current;
    }
    next ??= current.then(() => {
      next = null;
      return run();
    });
    return next;
  };
  return Object.assign(run, { settled: async () => void (await (next ?? current)) });
}
