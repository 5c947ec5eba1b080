import { parseArgs } from 'node:util';
import { type Figures, measure, partsToShow, partsToTune } from './dislikes/measure.ts';
import { ratingsInOrder } from './transfer/movielens.ts';

/**
 * Dislikes on MovieLens-100K: a fifth of the ratings is held out by lots, films are ranked from the others, and what is held out
 * says how many films rated 1 or 2 are among the first ten, and what NDCG@10 is over those rated 4 or 5.
 *   node bench/run.mjs dislikes [--taught 0,2,5] [--shares 0,0.1] [--users solved,summed] [--tune] [--draws 3]
 * With --tune a fifth that is never shown is left out, and the rest is drawn anew in each draw, so that what is chosen never meets
 * what is shown.
 */
const { values: options } = parseArgs({
  options: {
    taught: { type: 'string', default: '0,2,5' },
    shares: { type: 'string', default: '0,0.1' },
    users: { type: 'string', default: 'solved,summed' },
    tune: { type: 'boolean', default: false },
    draws: { type: 'string', default: '1' },
  },
});
const numbers = (list: string) => list.split(',').map(Number);
const [taught, shares] = [numbers(options.taught), numbers(options.shares)];
const all = ratingsInOrder();
const draws = options.tune ? Array.from({ length: Number(options.draws) }, (_, i) => i + 1) : [0];

console.log(
  '| student | draw | taught | share | NDCG@10 | held-out dislikes in the first ten | of |\n|---|---|---|---|---|---|---|',
);
for (const user of options.users.split(',') as ('solved' | 'summed')[]) {
  const sums = new Map<string, Figures[]>();
  for (const draw of draws) {
    const parts = options.tune ? partsToTune(all, draw) : partsToShow(all);
    await measure(parts, user, taught, shares, (by, share, figures) => {
      const key = `${by} | ${share}`;
      sums.set(key, [...(sums.get(key) ?? []), figures]);
      console.log(lineOf(`${user} | ${draw || 'shown'} | ${key}`, figures));
    });
  }
  if (draws.length < 2) continue;
  for (const [key, each] of sums) {
    const mean = (of: (one: Figures) => number) => each.reduce((sum, one) => sum + of(one), 0) / each.length;
    const means = {
      ...{ ndcg: mean(({ ndcg }) => ndcg), shown: mean(({ shown }) => shown) },
      heldOut: mean(({ heldOut }) => heldOut),
    };
    console.log(lineOf(`${user} | mean | ${key}`, means));
  }
}

function lineOf(name: string, { ndcg, shown, heldOut }: Figures): string {
  const whole = (count: number) => String(Math.round(10 * count) / 10);
  return `| ${name} | ${ndcg.toFixed(4).slice(1)} | ${whole(shown)} | ${whole(heldOut)} |`;
}
