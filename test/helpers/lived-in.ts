import { createRng } from '../../src/core/rng.ts';
import type { Row } from './data.ts';

const START = Date.UTC(2026, 0, 10);
const FILMS = 24;
const GOODS = 8;

/** Interactions before it are outside the filter of the jobs on these rows. */
export const SINCE = new Date(START - 1000).toISOString();
export const HIDDEN = 'film-0-03';

const film = (taste: number, n: number) => `film-${taste}-${String(n).padStart(2, '0')}`;

/**
 * Histories as they are: users of two tastes click on twelve films and buy five goods of theirs, one after the other. Beside
 * that there are films that they rate low, before and after, views that weigh nothing, films from before the filter, and
 * films that they come back to, before and after. The first user has clicked so often on one film that the newest 2,000
 * interactions hold little else. No two moments of a user are the same.
 */
export function livedIn(users: number): Row[] {
  const rng = createRng(8);
  const drawn = (of: number) => rng.shuffle(Int32Array.from({ length: of }, (_, i) => i));
  const rows: Row[] = [];
  for (let u = 0; u < users; u++) {
    const user = userName(u);
    const taste = u % 2;
    const films = Array.from(drawn(FILMS), (n) => film(taste, n));
    const goods = Array.from(drawn(GOODS), (n) => `good-${taste}-${n}`);
    const add = (item: string, type: string, at: number, value?: number) =>
      rows.push({ user, item, type, timestamp: START + at, ...(value !== undefined && { value }) });
    for (let i = 0; i < 12; i++) add(films[i]!, 'click', 100_000 * i);
    for (let i = 0; i < 5; i++) add(goods[i]!, 'purchase', 200_000 * i + 50_000);
    for (let i = 0; i < 3; i++) add(films[12 + i]!, 'rating', 100_000 * i + 10_000, 2);
    add(goods[5]!, 'rating', 30_000, 1);
    add(films[15]!, 'rating', 9_000_000, 1);
    add(films[16]!, 'view', 20_000);
    add(films[17]!, 'click', -5_000_000);
    // Come back to before the test, with more weight, and after it, when nobody can know it yet.
    add(films[0]!, 'click', 650_007);
    add(films[1]!, 'purchase', 550_007);
    add(films[2]!, 'click', 9_100_000);
    add(films[3]!, 'purchase', 9_200_000);
    for (let i = 1; i <= 2_100 && u === 0; i++) add(films[1]!, 'click', 100_000 + 40 * i + 1);
  }
  return rng.shuffle(rows);
}

function userName(u: number): string {
  return `user ${String(u).padStart(3, '0')}`;
}
