import type { Rng } from '../../src/core/rng.ts';
import { aliasTable, type Draw } from './alias-table.ts';

/** Genres that tastes are made of. */
export const GENRES = 20;
/** Parts of the time that is covered; each has its own fashion. */
export const PERIODS = 8;
/** Popularity falls as 1 / (rank + HEAD): Zipf's law with a head that is not one item alone (Mandelbrot). */
const HEAD = 10;

export interface Catalogue {
  /** [items] */
  genre: Int32Array;
  /** [items] what the mean rating of an item adds to that of all. */
  quality: Float64Array;
  /** An item of the genre, by its popularity in the period. */
  draw(genre: number, period: number, rng: Rng): number;
}

/** Popularity ranks and genres are random, each item has one period in which it is in fashion. */
export function createCatalogue(items: number, rng: Rng): Catalogue {
  const rank = rng.shuffle(Int32Array.from({ length: items }, (_, i) => i));
  const genre = Int32Array.from({ length: items }, () => rng.int(GENRES));
  const peak = Int32Array.from({ length: items }, () => rng.int(PERIODS));
  const quality = Float64Array.from({ length: items }, () => 0.5 * rng.normal());
  const tables: { members: Int32Array; draw: Draw }[][] = [];
  for (let g = 0; g < GENRES; g++) {
    const members = Int32Array.from({ length: items }, (_, i) => i).filter((i) => genre[i] === g);
    tables.push(
      Array.from({ length: PERIODS }, (_, period) => {
        const weights = Float64Array.from(
          members,
          (i) => 2 ** (-Math.abs(period - peak[i]!) / 2) / (rank[i]! + HEAD),
        );
        return { members, draw: aliasTable(weights) };
      }),
    );
  }
  return {
    genre,
    quality,
    draw(g, period, draws) {
      const { members, draw } = tables[g]![period]!;
      return members[draw(draws)]!;
    },
  };
}
