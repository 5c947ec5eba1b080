/** Says when items are recommended that the catalogue does not have; see the setting RECOMMEND_UNLISTED. */
export type Unlisted = 'auto' | 'always' | 'never';

/** How much of what there is the catalogue has. */
export interface Coverage {
  /** Items of the catalogue that are not hidden, counted no further than there are unlisted ones, and one where there is any. */
  listed: number;
  /** Items that only interactions speak of. */
  unlisted: number;
}

/**
 * Says whether only items of the catalogue are recommended. Without a catalogue every item counts; with `auto` a catalogue counts as one
 * from the moment on when it has half of all items, so that a few entries do not empty the lists.
 */
export function recommendsListedOnly(setting: Unlisted, { listed, unlisted }: Coverage): boolean {
  if (setting === 'always' || listed === 0) return false;
  return setting === 'never' || listed >= unlisted;
}
