import { createRng, type Rng } from '../../src/core/rng.ts';
import { aliasTable, type Draw } from '../scale/alias-table.ts';

export interface Population {
  items: number;
  /** Distinct item rows of each user, the oldest first. */
  histories: Uint16Array[];
}

export const userName = (user: number) => `user-${user}`;
export const itemName = (row: number) => `item-${row}`;

const SHORTEST = 5;
const LONGEST = 200;
const GROUPS = 100;
const TASTES = 3;
const FAITHFUL = 0.8;

/**
 * Users with 5 to 200 items, log-uniformly (about 53 in the mean): four in five of the items from three of a hundred
 * groups, the others from anywhere, popular ones (Zipf) more often.
 */
export function makePopulation(users: number, items: number, seed: number): Population {
  const rng = createRng(seed);
  const weights = Float64Array.from({ length: items }, (_, row) => 1 / (1 + row / GROUPS));
  const anywhere = aliasTable(weights);
  // Row r belongs to group r % GROUPS, so that each group has popular items and others.
  const within = aliasTable(
    Float64Array.from({ length: Math.floor(items / GROUPS) }, (_, i) => weights[i * GROUPS]!),
  );
  const histories = Array.from({ length: users }, () => drawHistory(rng, anywhere, within, items));
  return { items, histories };
}

function drawHistory(rng: Rng, anywhere: Draw, within: Draw, items: number): Uint16Array {
  const length = Math.min(
    items >> 1,
    Math.floor(SHORTEST * (LONGEST / SHORTEST + 1 / SHORTEST) ** rng.next()),
  );
  const tastes = Array.from({ length: TASTES }, () => rng.int(GROUPS));
  const rows = new Set<number>();
  while (rows.size < length) {
    const isFaithful = rng.next() < FAITHFUL;
    rows.add(isFaithful ? within(rng) * GROUPS + tastes[rng.int(TASTES)]! : anywhere(rng));
  }
  return Uint16Array.from(rows);
}
