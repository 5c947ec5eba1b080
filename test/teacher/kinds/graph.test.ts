import { describe, expect, it } from 'vitest';
import { createRng } from '../../../src/core/rng.ts';
import { runAtOnce } from '../../../src/core/slices.ts';
import type { Csr } from '../../../src/dataset/matrix.ts';
import { createGraph, graphSlices, isWorthDense } from '../../../src/teacher/kinds/graph.ts';
import { itemMatrixOf } from '../../../src/teacher/kinds/item-matrix.ts';
import { csrOf } from '../../helpers/data.ts';
import { expectNoLeak, testEngine } from '../../helpers/engine.ts';

const rng = createRng(6);
const random = (rows: number, columns: number, density: number): Csr =>
  csrOf(
    Array.from({ length: rows }, () =>
      Array.from({ length: columns }, () => (rng.next() < density ? 0.5 + rng.next() : 0)),
    ),
  );

describe('two hops over a graph', () => {
  it('are those of a case that can be done by hand', async () => {
    // R'R = [[1, 2], [2, 5]].
    const engine = await testEngine();
    const graph = runAtOnce(
      createGraph(
        engine,
        csrOf([
          [1, 2],
          [0, 1],
        ]),
      ),
    );
    const scores = graph.neighbours(
      csrOf([
        [1, 0],
        [0, 3],
      ]),
    );
    expect([...scores.dataSync()]).toEqual([1, 2, 6, 15]);
    scores.dispose();
    graph.dispose();
  });

  it('are the same whether they are walked or multiplied', async () => {
    const engine = await testEngine();
    const matrix = random(60, 23, 0.4);
    const histories = random(5, 23, 0.3);
    await expectNoLeak(async () => {
      const forms = [engine, { ...engine, memoryMiB: 0 }].map((own) => runAtOnce(createGraph(own, matrix)));
      const directions = engine.tf.tensor2d(
        Float32Array.from({ length: 46 }, (_, i) => Math.sin(i)),
        [23, 2],
      );
      for (const of of ['neighbours', 'project'] as const) {
        const [dense, walked] = forms.map((graph) => {
          const found = of === 'neighbours' ? graph.neighbours(histories) : graph.project(directions);
          const values = found.dataSync();
          found.dispose();
          return values;
        });
        expect(dense).toHaveLength(walked!.length);
        for (const [i, x] of walked!.entries()) expect(dense![i]).toBeCloseTo(x, 4);
      }
      directions.dispose();
      for (const graph of forms) graph.dispose();
    });
  });

  it('are multiplied where most items meet, and walked where few do or the matrix does not fit', () => {
    const [crowded, scattered] = [random(300, 20, 0.5), random(40, 400, 0.004)];
    expect(isWorthDense(crowded, 1)).toBe(true);
    expect(isWorthDense(crowded, 0.0005)).toBe(false);
    expect(isWorthDense(scattered, 100)).toBe(false);
  });

  it('leave no tensor behind where the multiplication is given up', async () => {
    const engine = await testEngine();
    await expectNoLeak(async () => {
      const work = createGraph(engine, random(300, 20, 0.5));
      expect(work.next().done).toBe(false);
      work.return(undefined as never);
    });
    expect(graphSlices(20)).toBe(1);
  });
});

describe('a matrix of items in bands', () => {
  it('multiplies as the whole does', async () => {
    const engine = await testEngine();
    const items = 11;
    const values = Float32Array.from({ length: items ** 2 }, () => rng.normal());
    const histories = csrOf([
      ...Array.from({ length: 4 }, () => Array.from({ length: items }, () => Number(rng.next() < 0.5))),
      new Array(items).fill(0),
    ]);
    await expectNoLeak(async () => {
      for (const bandRows of [3, 4, 11, 50]) {
        const matrix = itemMatrixOf(engine, values, items, bandRows);
        expect(matrix.values()).toEqual(values);
        const scores = matrix.scores(histories);
        const found = scores.dataSync();
        scores.dispose();
        for (let row = 0; row < histories.rows; row++) {
          for (let j = 0; j < items; j++) {
            let sum = 0;
            for (let p = histories.indptr[row]!; p < histories.indptr[row + 1]!; p++)
              sum += histories.values[p]! * values[histories.indices[p]! * items + j]!;
            expect(found[row * items + j]).toBeCloseTo(sum, 5);
          }
        }
        const directions = engine.tf.eye(items);
        const product = matrix.times(directions);
        expect([...product.dataSync()].map((x) => Math.fround(x))).toEqual([...values]);
        engine.tf.dispose([directions, product]);
        matrix.dispose();
      }
    });
  });
});
