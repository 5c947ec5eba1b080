import { beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import { scaleRows } from '../../src/dataset/batches.ts';
import type { Csr } from '../../src/dataset/matrix.ts';
import { svdTransfer } from '../../src/distillation/transfer.ts';
import { type FoldInStart, randomStart } from '../../src/student/fold-in.ts';
import type { ItemFactors, Teacher } from '../../src/teacher/contract.ts';
import { projectFactors } from '../../src/teacher/project-factors.ts';
import type { Engine } from '../../src/tensor/engine.ts';
import { ITEMS } from '../helpers/data.ts';
import { expectNoLeak, testEngine } from '../helpers/engine.ts';
import { foldedScores } from '../helpers/scores.ts';
import { blockTeacher, nearness, studentFrom, train } from './setup.ts';

const l2 = (histories: Csr) => scaleRows(histories, 'l2');

let engine: Engine;
beforeAll(async () => {
  engine = await testEngine();
});

const transfer = (teacher: Teacher, dimensions: number) =>
  svdTransfer(engine, teacher, dimensions, train, l2, createRng(3));

function nearnessOf(start: FoldInStart, teacher: Teacher) {
  const student = studentFrom(engine, start);
  const near = nearness(student, teacher);
  student.parameters.dispose();
  return near;
}

/** Norm of each column of a matrix [items, dimensions]. */
function columnNorms(matrix: Float32Array): number[] {
  const dimensions = matrix.length / ITEMS;
  return Array.from({ length: dimensions }, (_, k) => {
    let sum = 0;
    for (let i = 0; i < ITEMS; i++) sum += matrix[i * dimensions + k]! ** 2;
    return Math.sqrt(sum);
  });
}

/** A teacher that is a linear map and a bias per item, which a student of its width can be exactly. */
function linearTeacher(width: number): Teacher {
  const rng = createRng(9);
  const normals = (n: number) => Float32Array.from({ length: n }, () => rng.normal());
  const factors: ItemFactors = { input: normals(ITEMS * width), output: normals(ITEMS * width), width };
  const bias = normals(ITEMS);
  return {
    kind: 'linear',
    description: 'linear',
    parameters: 1,
    bytes: 1,
    epochs: 1,
    scores(histories) {
      const rows = foldedScores(factors, histories).flatMap((row) => [...row.map((x, i) => x + bias[i]!)]);
      return engine.tf.tensor2d(Float32Array.from(rows), [histories.rows, ITEMS]);
    },
    itemFactors: () => factors,
    project: (directions, w) => projectFactors(engine, factors, directions, w),
    state() {
      throw new Error('a teacher of this test only');
    },
    dispose: () => {},
  };
}

describe('a start from the teacher', () => {
  it('is the teacher itself where that is a linear map of the same width', () => {
    const { kl, overlap } = nearnessOf(transfer(linearTeacher(5), 5), linearTeacher(5));
    expect(kl).toBeLessThan(1e-5);
    expect(overlap).toBeCloseTo(1, 9);
  });

  it('shares each direction evenly between both item matrices', () => {
    const { itemsIn, itemsOut } = transfer(linearTeacher(5), 5);
    const norms = columnNorms(itemsIn);
    columnNorms(itemsOut).forEach((norm, k) => {
      expect(norm).toBeCloseTo(norms[k]!, 3);
    });
  });

  it('is much nearer to a trained teacher than random numbers are', async () => {
    const teacher = await blockTeacher(engine);
    const near = nearnessOf(transfer(teacher, 8), teacher);
    const far = nearnessOf(randomStart(ITEMS, 8, createRng(4)), teacher);
    teacher.dispose();
    expect(near.kl).toBeLessThan(far.kl / 4);
    expect(near.overlap).toBeGreaterThan(0.8);
    expect(near.overlap).toBeGreaterThan(far.overlap + 0.2);
  });

  it.each([['wider than the teacher', [4]]])(
    'fills a student %s with small random numbers, as zeros would never move',
    async (_, hidden) => {
      const teacher = await blockTeacher(engine, hidden);
      const start = transfer(teacher, 10);
      const near = nearnessOf(start, teacher);
      const far = nearnessOf(randomStart(ITEMS, 10, createRng(4)), teacher);
      teacher.dispose();
      expect(near.kl).toBeLessThan(far.kl);
      for (const matrix of [start.itemsIn, start.itemsOut])
        for (const norm of columnNorms(matrix).slice(4)) {
          // 24 numbers with a deviation of 0.01.
          expect(norm).toBeGreaterThan(0.02);
          expect(norm).toBeLessThan(0.1);
        }
    },
  );

  it('works for a student wider than the catalogue', () => {
    const start = transfer(linearTeacher(ITEMS + 6), ITEMS + 4);
    expect(start.itemsIn).toHaveLength(ITEMS * (ITEMS + 4));
    expect(nearnessOf(start, linearTeacher(ITEMS + 6)).overlap).toBeGreaterThan(0.95);
  });

  it('is the same for the same seed', () => {
    const teacher = linearTeacher(6);
    if (engine.report.deterministic) expect(transfer(teacher, 9)).toEqual(transfer(teacher, 9));
  });

  it('leaves no tensor behind', async () => {
    const teacher = await blockTeacher(engine);
    await expectNoLeak(async () => transfer(teacher, 8));
    teacher.dispose();
  });
});
