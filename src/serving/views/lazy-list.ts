/** A list that is read further only when somebody wants more of it, and once for all who do. */
export interface LazyList<T> {
  /** The entries that have been read so far, in order. */
  readonly items: readonly T[];
  /** Reads the next part, which may be empty. @returns false at the end of the list */
  more(): Promise<boolean>;
}

/** Beyond so many entries a list ends: each is kept in memory. */
const MOST = 200_000;

/** @param next the next part; null after the last one */
export function createLazyList<T>(next: () => Promise<readonly T[] | null>): LazyList<T> {
  const items: T[] = [];
  let isDone = false;
  let reading: Promise<boolean> | null = null;

  async function read(): Promise<boolean> {
    const part = await next();
    isDone = part === null || items.length + part.length >= MOST;
    if (part) for (const item of part) items.push(item);
    return part !== null;
  }

  return {
    items,
    async more() {
      if (isDone) return false;
      reading ??= read().finally(() => {
        reading = null;
      });
      return reading;
    },
  };
}

/** The entries of a list that hold, found as far as somebody reads. @param holds asked for a part of the list at once */
export function filterLazily<T>(
  list: LazyList<T>,
  holds: (part: readonly T[]) => Promise<readonly boolean[]>,
): LazyList<T> {
  let at = 0;
  return createLazyList(async () => {
    while (at === list.items.length) if (!(await list.more())) return null;
    const part = list.items.slice(at, at + PART);
    at += part.length;
    const kept = await holds(part);
    return part.filter((_, i) => kept[i]);
  });
}

const PART = 250;

/** The parts of a list, from the first on. */
export async function* partsOf<T>(list: LazyList<T>): AsyncGenerator<readonly T[]> {
  for (let at = 0; ; ) {
    const part = list.items.slice(at, at + PART);
    at += part.length;
    if (part.length > 0) yield part;
    else if (!(await list.more()) && at === list.items.length) return;
  }
}
