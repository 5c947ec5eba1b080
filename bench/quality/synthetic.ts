import { createRng, type Rng } from '../../src/core/rng.ts';
import type { QualitySet } from './data-sets.ts';

const NAME = /^synthetic-(\d+)x(\d+)x(\d+)(-timeless)?$/;
/** Share of a user's pairs that come from the user's two groups of items. */
const OWN = 0.7;

/**
 * Data of any shape, for a look at what the defaults make of it: synthetic-USERSxITEMSxPAIRS[-timeless], PAIRS a user in the
 * mean. Items are popular by Zipf's law and fall into groups; a user likes two of the groups.
 */
export function syntheticSet(name: string): QualitySet | undefined {
  const [, users, items, pairs, timeless] = NAME.exec(name) ?? [];
  if (!users || !items || !pairs) return undefined;
  const csv = draw(Number(users), Number(items), Number(pairs), timeless === undefined);
  const dataset = { split: { strategy: 'last-fraction' } } as const;
  return {
    name,
    about: `${users} users, ${items} items, ${pairs} pairs a user`,
    headline: ['ndcg@10'],
    ks: [10, 20],
    dimensions: [],
    dataset,
    tuning: { dataset, about: '' },
    uploads: () => [{ csv, type: 'click' }],
  };
}

function draw(users: number, items: number, pairs: number, timed: boolean): string {
  const rng = createRng(7);
  const groups = Math.max(2, Math.round(Math.sqrt(items) / 2));
  const lines = [timed ? 'userId,itemId,timestamp' : 'userId,itemId'];
  for (let u = 0; u < users; u++) {
    const liked = [rng.int(groups), rng.int(groups)];
    const count = Math.min(Math.ceil(items / 2), Math.max(1, Math.round(-pairs * Math.log(1 - rng.next()))));
    const own = new Set<number>();
    for (let tries = 0; own.size < count && tries < 50 * count; tries++) {
      const rank = zipf(items, rng);
      if (rng.next() >= OWN || liked.includes(rank % groups)) own.add(rank);
    }
    let time = rng.int(1_000_000);
    for (const item of own) {
      time += 1 + rng.int(1000);
      lines.push(`u${u},i${item}${timed ? `,${time}` : ''}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** A rank below `items` with a chance of about 1 / (rank + 10). */
function zipf(items: number, rng: Rng): number {
  return Math.min(items - 1, Math.floor(10 * ((items + 10) / 10) ** rng.next()) - 10);
}
