/** A move of an alias as its history keeps it. */
export interface Move {
  /** Null where the alias was removed. */
  version: number | null;
  action: 'published' | 'set' | 'rolled-back' | 'removed' | 'promoted' | 'kept';
}

/**
 * Returns the versions that an alias had before the one that it has, the nearest first, each once. A rollback goes back on the way
 * that the alias came: after two of them in a row it is two versions back and not where it was.
 * @param moves the oldest first
 */
export function versionsBefore(moves: readonly Move[]): number[] {
  const way: number[] = [];
  for (const { version, action } of moves) {
    if (version === null) continue;
    if (action === 'rolled-back') {
      while (way.length > 0 && way.at(-1) !== version) way.pop();
      if (way.length === 0) way.push(version);
    } else if (way.at(-1) !== version) {
      way.push(version);
    }
  }
  const [now, ...before] = way.reverse();
  return [...new Set(before)].filter((version) => version !== now);
}
