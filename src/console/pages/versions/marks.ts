interface Marked {
  itemId: string;
  /** Place in the other list from 1; null where it is not in it. */
  otherPlace: number | null;
}

/** Marks what of two lists of one user the other list does not have. */
export function markLists(
  first: readonly string[],
  second: readonly string[],
): { first: Marked[]; second: Marked[]; shared: number } {
  const mark = (list: readonly string[], other: readonly string[]) =>
    list.map((itemId) => ({ itemId, otherPlace: other.indexOf(itemId) + 1 || null }));
  return {
    first: mark(first, second),
    second: mark(second, first),
    shared: first.filter((itemId) => second.includes(itemId)).length,
  };
}
