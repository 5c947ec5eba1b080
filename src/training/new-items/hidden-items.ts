import type { StudentWeights } from '../../artifact/student/student-weights.ts';
import type { Rng } from '../../core/rng.ts';
import { type Csr, rowItems } from '../../dataset/matrix.ts';
import { positionsInOrder } from '../../dataset/split/places.ts';
import { bagOf } from '../../features/compose.ts';
import type { StudentScorer } from '../../scoring/student-scorer.ts';
import { fitHistories } from '../../teacher/kinds/fit-histories.ts';

/** Places of the lists on which new items are validated. */
export const PLACES = 20;
/** Scores that one validation computes at most. */
const MOST_SCORES = 1 << 25;
const MOST_USERS = 1000;

/** Users' lists as if some items were new: these are missing in histories and lists. */
export interface HiddenItems {
  /** Rows of the items that are hidden, ascending. */
  items: Int32Array;
  users: HiddenUser[];
  /** [d + 1] a vector and a bias whose score is about that of the last place of anybody's list. */
  entry: Float32Array;
}

export interface HiddenUser {
  /** [d + 1] the user vector, and a 1 for the bias. */
  vector: Float32Array;
  /** Scores of the first PLACES known items that are not in the history, falling. */
  best: Float32Array;
  /** [PLACES] 1 for those of them that the user took. */
  found: Uint8Array;
  /** Places in `items` that the user has. */
  taken: Set<number>;
}

/**
 * @param histories [users, items] that the student was taught on
 * @param listless [users, items] other pairs that no list has, where there are any
 * @param items rows that are hidden, ascending
 * @param unknown whether the student knows neither items nor users: lists lack the items, and one half of each history is shown and
 * the other half asked for. Else lists are as long as they will be, the known rows of hidden items among the others
 */
export function hideItems(
  scorer: StudentScorer,
  { itemsOut }: Pick<StudentWeights, 'itemsOut'>,
  { histories, listless }: { histories: Csr; listless?: Csr | undefined },
  items: Int32Array,
  { rng, unknown = false }: { rng: Rng; unknown?: boolean },
): HiddenItems {
  const place = new Map(Array.from(items, (item, i) => [item, i]));
  const most = Math.min(MOST_USERS, Math.max(1, Math.floor(MOST_SCORES / itemsOut.rows)));
  const users: HiddenUser[] = [];
  for (const user of rng.shuffle(Int32Array.from({ length: histories.rows }, (_, row) => row))) {
    if (users.length >= most) break;
    const newestFirst = positionsInOrder(histories, user).reverse();
    const known = newestFirst.filter((p) => !place.has(histories.indices[p]!));
    if (known.length === 0 || known.length === newestFirst.length) continue;
    const shown = unknown ? known.filter(() => rng.next() < 0.5) : known;
    if (shown.length === 0) continue;
    const rows = shown.map((p) => histories.indices[p]!);
    const weights = shown.map((p) => histories.values[p]!);
    const side = histories.side && bagOf(histories.side, user);
    const others = listless ? rowItems(listless, user) : [];
    const masked = [...(unknown ? rows : rowItems(histories, user)), ...others];
    const hidden = unknown ? items : [];
    const { rows: listed, scores, length } = scorer.recommend(rows, weights, PLACES, masked, hidden, side);
    if (length < PLACES) continue;
    const best = scores.slice(0, length);
    const taken = Array.from(newestFirst, (p) => place.get(histories.indices[p]!));
    const vector = Float32Array.of(...scorer.userVector(rows, weights, side), 1);
    const own = new Set(known.map((p) => histories.indices[p]!));
    const found = Uint8Array.from(listed.subarray(0, length), (item) => Number(own.has(item)));
    users.push({ vector, best, found, taken: new Set(taken.filter((at) => at !== undefined)) });
  }
  return { items, users, entry: fitEntry(users, itemsOut.width + 1) };
}

/** The score of the last place as a linear function of the user's vector: new items begin equally near every user's list. */
function fitEntry(users: readonly HiddenUser[], width: number): Float32Array {
  const vectors = Float32Array.from(users.flatMap(({ vector }) => [...vector]));
  const x: Csr = {
    rows: users.length,
    columns: width,
    indptr: Int32Array.from({ length: users.length + 1 }, (_, row) => row * width),
    indices: Int32Array.from(vectors, (_, i) => i % width),
    values: vectors,
  };
  const squares = vectors.reduce((sum, value) => sum + value * value, 0);
  const last = Float32Array.from(users, ({ best }) => best.at(-1)!);
  return fitHistories(x, last, 1, (1e-3 * squares) / width);
}
