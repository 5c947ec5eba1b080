import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import type { Row } from '../helpers/data.ts';
import { run, storeOf } from './run-job.ts';

const [BLOCKS, USERS, ITEMS, TAKEN] = [4, 15, 16, 11];
const HOUR_MS = 3_600_000;
/** How far two shapes of the same pairs may be apart: other pairs are held out where there are no times. */
const TOLERANCE = 0.08;

/** Users of four circles, each with most items of their own circle and one of another. What is missing of the own is the answer. */
function pairs(): Row[] {
  const rng = createRng(11);
  const rows: Row[] = [];
  for (let user = 0; user < BLOCKS * USERS; user++) {
    const block = user % BLOCKS;
    const own = rng.shuffle(Array.from({ length: ITEMS }, (_, i) => block * ITEMS + i)).slice(0, TAKEN);
    const stray = ((block + 1) % BLOCKS) * ITEMS + rng.int(ITEMS);
    for (const item of [...own, stray]) rows.push({ user: `u${user}`, item: `i${item}` });
  }
  return rng.shuffle(rows);
}

const timed = (rows: readonly Row[]): Row[] =>
  rows.map((row, at) => ({ ...row, timestamp: Date.UTC(2026, 0, 1) + at * HOUR_MS }));
/** Each pair once to five times, as a counter of clicks or plays sends it. */
const repeated = (rows: readonly Row[]): Row[] => {
  const rng = createRng(12);
  return rng.shuffle(rows.flatMap((row) => Array.from({ length: 1 + rng.int(5) }, () => row)));
};
/** Liked pairs as ratings of 4 and 5, and some that were not liked. */
const rated = (rows: readonly Row[]): Row[] => {
  const rng = createRng(13);
  const isTaken = new Set(rows.map(({ user, item }) => `${user} ${item}`));
  const disliked = Array.from({ length: rows.length >> 2 }, (): Row => {
    const user = rng.int(BLOCKS * USERS);
    const other = ((user % BLOCKS) + 2) % BLOCKS;
    return { user: `u${user}`, item: `i${other * ITEMS + rng.int(ITEMS)}`, value: 1 + rng.int(3) };
  }).filter(({ user, item }) => !isTaken.has(`${user} ${item}`));
  const liked = rows.map((row) => ({ ...row, value: 4 + rng.int(2) }));
  return rng.shuffle([...liked, ...disliked]).map((row) => ({ ...row, type: 'rating' }));
};

const SHAPES: Record<string, (rows: readonly Row[]) => Row[]> = {
  'clicks without times': (rows) => [...rows],
  'clicks of one moment, as a bulk import stamps them': (rows) =>
    rows.map((row) => ({ ...row, timestamp: Date.UTC(2026, 0, 1) })),
  'counts, as repeated rows without times': repeated,
  'counts, as repeated rows with times': (rows) => timed(repeated(rows)),
  'counts, as values': (rows) => rows.map((row, at) => ({ ...row, value: 1 + (at % 7) })),
  'ratings with times': (rows) => timed(rated(rows)),
  'ratings without times': rated,
  'ratings that are all the same': (rows) => rows.map((row) => ({ ...row, type: 'rating', value: 1 })),
};

async function ndcgOf(rows: Row[]): Promise<{ teacher: number; student: number; pairs: number }> {
  const { report } = await run({ model: 'shapes' }, rows, { store: storeOf(rows, 1000) });
  const of = (name: string) => report.models.find((model) => model.name === name)!.metrics['ndcg@10']!.value;
  return { teacher: of('teacher'), student: of('student'), pairs: report.data!.interactions };
}

describe('the same pairs in another shape', () => {
  const rows = pairs();
  let clicks: Promise<Awaited<ReturnType<typeof ndcgOf>>> | undefined;

  it.each(Object.keys(SHAPES))('are learned about as well from %s', async (shape) => {
    clicks ??= ndcgOf(timed(rows));
    const expected = await clicks;
    const found = await ndcgOf(SHAPES[shape]!(rows));
    expect(found.pairs).toBe(expected.pairs);
    // By chance it would be about .1: the structure is found.
    expect(expected.student).toBeGreaterThan(0.4);
    expect(Math.abs(found.teacher - expected.teacher)).toBeLessThan(TOLERANCE);
    expect(Math.abs(found.student - expected.student)).toBeLessThan(TOLERANCE);
  });
});
