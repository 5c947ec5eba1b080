import type { Judge } from '../../domain/data/meaning.ts';
import { type createTold, NONE } from './told.ts';

type Told = Pick<
  ReturnType<typeof createTold>,
  'rows' | 'late' | 'likedAt' | 'isLiking' | 'oldest' | 'newer'
>;

/**
 * Every item that a history speaks of: those with liking by the newest row, since it has been liked, that says so again or changes how
 * much, and then the others. It is the order of training, see dataset/judged-rows.ts.
 * @param hear makes the judge hear a row, and says whether the row for itself is liking
 */
export function itemsInOrder(
  told: Told,
  judge: Judge,
  now: number,
  hear: (i: number) => boolean,
): Iterable<number> {
  // Of nearly all histories the newest liking of each item is the last that was said of it.
  if (told.late().length === 0) return told.rows();
  const moved = new Map(told.late().map((row) => [row, placeOf(told, judge, row, now, hear)]));
  const placed = [...told.rows()].map((row) => ({
    row,
    at: told.isLiking(row) ? (moved.get(row) ?? told.likedAt(row)) : Number.POSITIVE_INFINITY,
  }));
  return placed.sort((a, b) => (a.at === b.at ? 0 : a.at - b.at)).map(({ row }) => row);
}

function placeOf(told: Told, judge: Judge, row: number, now: number, hear: (i: number) => boolean): number {
  let [place, before] = [NONE, 0];
  judge.begin(now);
  for (let i = told.oldest(row); i !== NONE; i = told.newer(i)) {
    const isLiking = hear(i);
    const { word, weight } = judge.judgement();
    if (word !== 'liked') place = NONE;
    else if (place === NONE || isLiking || weight !== before) place = i;
    before = weight;
  }
  // It does not count, wherever it stands.
  return place === NONE ? told.likedAt(row) : place;
}
