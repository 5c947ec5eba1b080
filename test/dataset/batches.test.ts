import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import {
  hideRandomly,
  lengthBatches,
  rowsWithHistory,
  scaleRows,
  stepsPerEpoch,
  userBatches,
  usersWithHistory,
} from '../../src/dataset/batches.ts';
import { rowLength } from '../../src/dataset/matrix.ts';
import { csrOf, denseOf } from '../helpers/data.ts';

const m = csrOf([
  [3, 4, 0],
  [0, 0, 0],
  [0, 0, 4],
  [1, 1, 2],
]);

describe('batches of users', () => {
  it('hold every user with a history once, the last batch being smaller', () => {
    const histories = csrOf(Array.from({ length: 50 }, (_, u) => [u % 5 ? 1 : 0, 0]));
    const batches = [...userBatches(histories, 16, createRng(1))];
    expect(batches.map((batch) => batch.length)).toEqual([16, 16, 8]);
    expect(batches.flatMap((batch) => [...batch]).sort((a, b) => a - b)).toEqual([
      ...usersWithHistory(histories),
    ]);
    expect(stepsPerEpoch(histories, 16)).toBe(3);
  });

  it('of like lengths hold every user with a history once', () => {
    const histories = csrOf(
      Array.from({ length: 90 }, (_, u) => Array.from({ length: 9 }, (_, i) => +(i < u % 10))),
    );
    const batches = [...lengthBatches(histories, 9, createRng(1))];
    expect(batches.flatMap((batch) => [...batch]).sort((a, b) => a - b)).toEqual([
      ...usersWithHistory(histories),
    ]);
    for (const batch of batches) {
      const lengths = [...batch].map((user) => rowLength(histories, user));
      expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
    }
    expect(batches).toHaveLength(stepsPerEpoch(histories, 9));
  });

  it('come in another order each time', () => {
    const histories = csrOf(Array.from({ length: 30 }, () => [1]));
    const rng = createRng(1);
    const epoch = () => [...userBatches(histories, 30, rng)].flatMap((batch) => [...batch]);
    expect(epoch()).not.toEqual(epoch());
  });
});

describe('rows with a history', () => {
  it('are the rows that are not empty, and know which rows they were', () => {
    const some = rowsWithHistory(
      csrOf([
        [1, 0],
        [0, 0],
        [1, 1],
      ]),
    );
    expect(some).toMatchObject({ rows: 2, indices: Int32Array.of(0, 0, 1), rowIds: Int32Array.of(0, 2) });
    const full = csrOf([[1], [1]]);
    expect(rowsWithHistory(full)).toBe(full);
  });
});

describe('hidden history', () => {
  it('loses about the given share, and no row loses everything', () => {
    const wide = csrOf(Array.from({ length: 40 }, (_, u) => Array.from({ length: 50 }, (_, i) => u + i + 1)));
    const kept = hideRandomly(wide, 0.3, createRng(2));
    expect(kept.indices.length / wide.indices.length).toBeGreaterThan(0.65);
    expect(kept.indices.length / wide.indices.length).toBeLessThan(0.75);
    // What is kept is what was there.
    denseOf(kept).forEach((row, u) => {
      row.forEach((value, i) => {
        expect([0, u + i + 1]).toContain(value);
      });
    });
  });

  it('keeps one entry of each row even when all should go', () => {
    const rng = createRng(3);
    const seen = new Set<number>();
    for (let i = 0; i < 60; i++) {
      const kept = hideRandomly(m, 1, rng);
      expect(Array.from({ length: 4 }, (_, r) => rowLength(kept, r))).toEqual([1, 0, 1, 1]);
      seen.add(kept.indices[kept.indptr[3]!]!);
    }
    expect(seen.size).toBe(3);
  });

  it('keeps two, where the row has as many', () => {
    const kept = hideRandomly(m, 1, createRng(3), 2);
    const lengths = (rows: typeof m) => Array.from({ length: 4 }, (_, r) => rowLength(rows, r));
    expect(lengths(kept)).toEqual(lengths(m).map((length) => Math.min(2, length)));
  });

  it('is the history itself when nothing is hidden', () => {
    expect(hideRandomly(m, 0, createRng(1))).toBe(m);
  });
});

describe('scaled rows', () => {
  it('have length 1, sum 1, or are divided by the root of their sum; empty rows stay empty', () => {
    const rounded = (scale: 'l1' | 'l2' | 'sqrt') =>
      denseOf(scaleRows(m, scale)).map((row) => row.map((x) => Math.round(x * 1e6) / 1e6));
    expect(rounded('l2')).toEqual([
      [0.6, 0.8, 0],
      [0, 0, 0],
      [0, 0, 1],
      [0.408248, 0.408248, 0.816497],
    ]);
    expect(rounded('l1')).toEqual([
      [0.428571, 0.571429, 0],
      [0, 0, 0],
      [0, 0, 1],
      [0.25, 0.25, 0.5],
    ]);
    expect(rounded('sqrt')).toEqual([
      [1.133893, 1.511858, 0],
      [0, 0, 0],
      [0, 0, 2],
      [0.5, 0.5, 1],
    ]);
  });

  it('are a copy: the histories stay as they were', () => {
    const before = m.values.slice();
    scaleRows(m, 'l2');
    expect(m.values).toEqual(before);
    expect(scaleRows(m, 'none')).toBe(m);
  });
});
