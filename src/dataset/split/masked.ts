import { type Csr, filterEntries, unionRows } from '../matrix.ts';
import { seenBefore, type Unlisted } from '../seen.ts';
import { knownFor, type Split } from './split.ts';

/** The masks of a ranking of held-out pairs: it leaves out exactly what /recommend does. */
export interface Masked {
  /** [users, items] pairs that the user is known to have had by then, whether they count or not. */
  known: Csr;
  /** [users, items] the pairs that are predicted, but those of hidden items. */
  heldOut: Csr;
  /** Rows of items that nobody is shown. */
  hidden: Int32Array;
}

/**
 * The masks of every ranker where these pairs are predicted. A pair that does not count is known from its first interaction
 * on; none that is held out is masked.
 * @param unlisted what the data set has beside the pairs that count
 */
export function maskedFor(
  split: Split,
  { seen, hidden = new Int32Array(0) }: Unlisted,
  predicted: 'validation' | 'test',
): Masked {
  const counted = knownFor(split, predicted);
  const known = seen ? unionRows(counted, seenBefore(seen, split.until?.[predicted])) : counted;
  return { known, heldOut: withoutItems(split[predicted], hidden), hidden };
}

/** Says in words what the ranking of the test pairs leaves out, with the numbers of pairs and items. */
export function describeMasked(split: Split, { known, heldOut, hidden }: Masked): string {
  const uncounted = known.indices.length - knownFor(split, 'test').indices.length;
  const seen =
    uncounted > 0
      ? ` and ${uncounted} pairs that they had by then and that do not count (low ratings, types of weight 0, rows outside the filter)`
      : '';
  const gone = split.test.indices.length - heldOut.indices.length;
  const unseen =
    hidden.length > 0 ? `; ${hidden.length} hidden items are no candidates, with ${gone} test pairs` : '';
  return `all items but the users' training and validation pairs${seen}${unseen}`;
}

/** The pairs of all but some items. */
export function withoutItems(pairs: Csr, items: Int32Array): Csr {
  if (items.length === 0) return pairs;
  const gone = new Uint8Array(pairs.columns);
  for (const item of items) gone[item] = 1;
  return filterEntries(pairs, (p) => gone[pairs.indices[p]!] === 0);
}
