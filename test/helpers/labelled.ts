import { createRng } from '../../src/core/rng.ts';
import type { StoredItem, StoredUser } from '../../src/domain/data/catalogue.ts';
import type { Row } from './data.ts';

export const FILMS = 120;
const PEOPLE = 80;

/** Even films are of one kind, odd ones of the other; every third is old besides, which only its year says. */
export const kindOf = (film: number) => (film % 2 === 0 ? 'Even' : 'Odd');
export const isOld = (film: number) => film % 3 === 0;
export const filmId = (film: number) => `film/${String(film).padStart(3, '0')}`;

/** Each person takes films of one kind alone, so that what a film is taken with gives its kind away. */
export function takenRows(): Row[] {
  const rng = createRng(5);
  const rows: Row[] = [];
  for (let user = 0; user < PEOPLE; user++) {
    for (let film = user % 2; film < FILMS; film += 2) {
      if (rng.next() < 0.7) continue;
      rows.push({
        user: `person ${user}`,
        item: filmId(film),
        timestamp: Date.UTC(2026, 0, 1) + film * 1000,
      });
    }
  }
  return rng.shuffle(rows);
}

/** The last ten have no labels: they are what is to be found out. */
export function labelledFilms(
  change: (item: StoredItem, film: number) => StoredItem = (item) => item,
): StoredItem[] {
  return Array.from({ length: FILMS }, (_, film) =>
    change(
      {
        itemId: filmId(film),
        title: `Film number ${film}`,
        categories: film < FILMS - 10 ? [kindOf(film), ...(isOld(film) ? ['Old'] : [])] : [],
        labels: [],
        features: { year: isOld(film) ? 1930 : 1990 },
        hidden: false,
        availableFrom: null,
        availableUntil: null,
      },
      film,
    ),
  );
}

export function labelledPeople(): StoredUser[] {
  return Array.from({ length: PEOPLE }, (_, user) => ({
    userId: `person ${user}`,
    features: { likes: user % 2 === 0 ? 'Even' : ['Odd'] },
  }));
}
