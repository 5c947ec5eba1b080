import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createRng } from '../../src/core/rng.ts';
import { type Csr, emptyCsr, filterEntries } from '../../src/dataset/matrix.ts';
import type { Split } from '../../src/dataset/split/split.ts';

const DATA = join(process.cwd(), '..', 'shared', 'data');

/** A data set as its publishers split it. Without a validation part a tenth of the training pairs is held out (seed 42). */
export interface PublishedSplit extends Split {
  /** The training pairs as published: validation pairs too where they were taken from them. */
  published: Csr;
}

type Pair = [user: number, item: number];

const SETS: Record<string, () => Record<'train' | 'validation' | 'test', Pair[]>> = {
  'citeulike-htd': () => ({
    train: pairs('citeulike-htd/train.csv.gz'),
    validation: pairs('citeulike-htd/valid.csv.gz'),
    test: pairs('citeulike-htd/test.csv.gz'),
  }),
  gowalla: () => ({
    train: pairs('gowalla/train.csv.gz'),
    validation: [],
    test: pairs('gowalla/test.csv.gz'),
  }),
  'amazon-beauty': () => lastTwo(pairs('amazon-beauty/sequences.csv.gz')),
  'ml-100k': () => lastTwo(likedInOrder()),
  'retail-rocket': () => ({
    train: pairs('retail-rocket/train_buy.csv.gz'),
    validation: [],
    test: pairs('retail-rocket/test_buy.csv.gz'),
  }),
};

export const SET_NAMES = Object.keys(SETS);

export function loadSet(name: string): PublishedSplit {
  if (!existsSync(DATA)) throw new Error(`the data sets are not beside the repository: ${DATA} is missing`);
  const { train, validation, test } = SETS[name]!();
  const all = [...train, ...validation, ...test];
  const rows = all.reduce((most, [user]) => Math.max(most, user + 1), 0);
  const columns = all.reduce((most, [, item]) => Math.max(most, item + 1), 0);
  let places = 0;
  const matrix = (list: Pair[]) => {
    places += list.length;
    return csr(list, rows, columns, places - list.length);
  };
  const published = matrix(train);
  const whole = {
    foldIn: emptyCsr(rows, columns),
    validationIsHistory: true,
    published,
    kinds: new Uint8Array(rows),
  };
  if (validation.length > 0) {
    return { ...whole, train: published, validation: matrix(validation), test: matrix(test) };
  }
  const rng = createRng(42);
  const held = Uint8Array.from(published.indices, () => Number(rng.next() < 0.1));
  return {
    ...whole,
    train: filterEntries(published, (p) => held[p] === 0),
    validation: filterEntries(published, (p) => held[p] === 1),
    test: matrix(test),
  };
}

function pairs(file: string): Pair[] {
  return lines(file).map(([user, item]) => [Number(user), Number(item)]);
}

function lines(file: string): string[][] {
  const text = gunzipSync(readFileSync(join(DATA, file))).toString();
  return text
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
}

/** Ratings of 4 and 5 in the order of their times. */
function likedInOrder(): Pair[] {
  const rows = lines('ml-100k/ratings.csv.gz').map(
    (row) => row.map(Number) as [number, number, number, number],
  );
  const liked = rows.filter(([, , rating]) => rating >= 4).sort((a, b) => a[3] - b[3]);
  return liked.map(([user, item]) => [user, item]);
}

/** Leave-one-out: each user's last pair is test, the one before validation. */
function lastTwo(ordered: Pair[]) {
  const of = new Map<number, Pair[]>();
  for (const pair of ordered) of.set(pair[0], [...(of.get(pair[0]) ?? []), pair]);
  const parts = { train: [] as Pair[], validation: [] as Pair[], test: [] as Pair[] };
  for (const list of of.values()) {
    const n = list.length;
    parts.train.push(...(n < 3 ? list : list.slice(0, n - 2)));
    if (n >= 3) {
      parts.validation.push(list[n - 2]!);
      parts.test.push(list[n - 1]!);
    }
  }
  return parts;
}

/** Each pair once, in the order of the list. @param from places of the list's pairs begin here */
function csr(list: Pair[], rows: number, columns: number, from: number): Csr {
  const of = Array.from({ length: rows }, () => new Map<number, number>());
  for (const [at, [user, item]] of list.entries()) if (!of[user]!.has(item)) of[user]!.set(item, from + at);
  const indptr = new Int32Array(rows + 1);
  for (const [r, set] of of.entries()) indptr[r + 1] = indptr[r]! + set.size;
  const indices = Int32Array.from(of.flatMap((own) => [...own.keys()].sort((a, b) => a - b)));
  const order = new Int32Array(indices.length);
  for (let r = 0; r < rows; r++) {
    for (let p = indptr[r]!; p < indptr[r + 1]!; p++) order[p] = of[r]!.get(indices[p]!)!;
  }
  return { rows, columns, indptr, indices, values: new Float32Array(indices.length).fill(1), order };
}
