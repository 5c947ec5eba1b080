import { createRng } from '../../src/core/rng.ts';
import type { Row } from './data.ts';

export const FILMS_PER_TASTE = 12;
export const GOODS_PER_TASTE = 6;

/**
 * Two tastes; each watches nine of its own twelve films and buys four of its own six goods, drawn at random. What is left of
 * a taste's items is all that can be known of a user's next ones. Of a third of the users no purchase is known: theirs can
 * only be told from the films.
 */
export function twoTasks(users = 48): Row[] {
  const rng = createRng(3);
  const drawn = (of: number, count: number) =>
    rng.shuffle(Int32Array.from({ length: of }, (_, i) => i)).subarray(0, count);
  const rows: Row[] = [];
  for (let u = 0; u < users; u++) {
    const taste = u % 2;
    const user = `user-${String(u).padStart(2, '0')}`;
    for (const [i, film] of drawn(FILMS_PER_TASTE, 9).entries())
      rows.push({ user, item: `film-${taste}-${film}`, type: 'watch', timestamp: 1_000_000 + i * 1000 });
    if (u % 3 === 0) continue;
    for (const [i, good] of drawn(GOODS_PER_TASTE, 4).entries())
      rows.push({ user, item: `good-${taste}-${good}`, type: 'buy', timestamp: 2_000_000 + i * 1000 });
  }
  return rows;
}
