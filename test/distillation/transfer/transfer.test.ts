import { beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../../src/core/rng.ts';
import { startStudent } from '../../../src/distillation/transfer/transfer.ts';
import type { TransferSetup } from '../../../src/distillation/transfer/transfer-setup.ts';
import { strongest } from '../../../src/distillation/transfer/transfer-units.ts';
import { createFoldInStudent } from '../../../src/student/fold-in.ts';
import { type FoldInStart, randomStart } from '../../../src/student/start.ts';
import type { ItemFactors, Teacher } from '../../../src/teacher/contract.ts';
import { projectFactors } from '../../../src/teacher/stored/project-factors.ts';
import type { Engine } from '../../../src/tensor/engine.ts';
import { csrOf, denseOf, ITEMS } from '../../helpers/data.ts';
import { expectNoLeak, testEngine } from '../../helpers/engine.ts';
import { foldedScores, rowsOf, without } from '../../helpers/scores.ts';
import { blockTeacher, nearness, plain, studentFrom, train } from '../setup.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await testEngine();
});

const transfer = (teacher: Teacher, dimensions: number, more: Partial<TransferSetup> = {}) =>
  startStudent('svd', {
    engine,
    teacher,
    student: plain(dimensions),
    sample: train,
    rng: createRng(3),
    scale: 'same',
    ...more,
  });

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
function linearTeacher(width: number, kind: 'any' | 'symmetric' = 'any'): Teacher {
  const rng = createRng(9);
  const normals = (n: number) => Float32Array.from({ length: n }, () => rng.normal());
  const input = normals(ITEMS * width);
  const output = kind === 'symmetric' ? input : normals(ITEMS * width);
  const factors: ItemFactors = { input, output, width };
  const bias = normals(ITEMS);
  return {
    kind: 'linear',
    description: 'linear',
    parameters: 1,
    bytes: 1,
    settings: {},
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

  it('counts each user the same, however far the scores of some are apart', () => {
    // Two users' scores are a hundred times those of the four who tell items 2 and 3 apart.
    const scores = csrOf([
      [100, -100, 0, 0],
      [0, 0, 1, -1],
      [0, 0, 1, -1],
      [-100, 100, 0, 0],
      [0, 0, -1, 1],
      [0, 0, -1, 1],
    ]);
    const teacher = {
      scores: () => engine.tf.tensor2d(denseOf(scores)),
      project: (directions: Float32Array) => directions,
    } as Partial<Teacher> as Teacher;
    const { itemsOut } = transfer(teacher, 1, { sample: scores });
    expect(Math.abs(itemsOut[2]!)).toBeCloseTo(Math.SQRT1_2, 4);
    expect(itemsOut[3]).toBeCloseTo(-itemsOut[2]!, 4);
    expect(Math.abs(itemsOut[0]!) + Math.abs(itemsOut[1]!)).toBeLessThan(1e-3);
  });

  it('shares the factor of each direction evenly between both item matrices', () => {
    const { itemsIn, itemsOut } = transfer(linearTeacher(5), 5);
    const norms = columnNorms(itemsIn);
    columnNorms(itemsOut).forEach((norm, k) => {
      expect(norm).toBeCloseTo(norms[k]!, 3);
    });
  });

  it('is much nearer to a trained teacher than random numbers are', async () => {
    const teacher = await blockTeacher(engine);
    const near = nearnessOf(transfer(teacher, 8), teacher);
    const far = nearnessOf(randomStart(ITEMS, plain(8), createRng(4)), teacher);
    teacher.dispose();
    expect(near.kl).toBeLessThan(far.kl / 4);
    expect(near.overlap).toBeGreaterThan(0.8);
    expect(near.overlap).toBeGreaterThan(far.overlap + 0.2);
  });

  it.each([
    ['wider than the teacher', [4]],
    ['wider than a narrow layer in its middle', [4, 14]],
  ])('is nearer than random numbers for a student %s', async (_, hidden) => {
    const teacher = await blockTeacher(engine, hidden);
    const near = nearnessOf(transfer(teacher, 10), teacher);
    const far = nearnessOf(randomStart(ITEMS, plain(10), createRng(4)), teacher);
    teacher.dispose();
    expect(near.kl).toBeLessThan(far.kl);
  });

  it('fills a student wider than the teacher with small random numbers, as zeros would never move', () => {
    const start = transfer(linearTeacher(4), 10);
    for (const matrix of [start.itemsIn, start.itemsOut])
      for (const norm of columnNorms(matrix).slice(4)) {
        // 24 numbers with a deviation of 0.01.
        expect(norm).toBeGreaterThan(0.02);
        expect(norm).toBeLessThan(0.1);
      }
  });

  it('of one item matrix is nearer than random numbers to a teacher whose map is symmetric', () => {
    const teacher = linearTeacher(5, 'symmetric');
    const student = { ...plain(5), tied: true };
    const start = transfer(teacher, 5, { student });
    const tied = createFoldInStudent(engine, ITEMS, student, start, { kind: 'adamw', learningRate: 0.01 });
    const near = nearness(tied, teacher);
    tied.parameters.dispose();
    const far = nearnessOf(randomStart(ITEMS, plain(5), createRng(4)), teacher);
    expect(near.kl).toBeLessThan(far.kl / 4);
    expect(near.overlap).toBeGreaterThan(0.8);
  });

  it.each(['relu', 'tanh'] as const)(
    'goes through a hidden layer with %s, nearly as if it was not there',
    (activation) => {
      const teacher = linearTeacher(3);
      const student = { ...plain(3), hidden: 8, activation };
      const start = transfer(teacher, 3, { student });
      if (activation === 'tanh') {
        // Small enough for tanh(x) ~ x.
        start.itemsIn = start.itemsIn.map((x) => x / 100);
        start.inner = start.inner!.map((x) => x * 100);
      }
      const hidden = createFoldInStudent(engine, ITEMS, student, start, {
        kind: 'adamw',
        learningRate: 0.01,
      });
      const near = nearness(hidden, teacher);
      hidden.parameters.dispose();
      expect(near.kl).toBeLessThan(0.05);
      expect(near.overlap).toBeGreaterThan(0.95);
    },
  );

  it('is spread so that a softmax can begin with it, where only the order counts', () => {
    const teacher = linearTeacher(5);
    const [same, spread] = [transfer(teacher, 5), transfer(teacher, 5, { scale: 'spread' })];
    const ratio = spread.itemBias[0]! / same.itemBias[0]!;
    spread.itemBias.forEach((x, i) => {
      expect(x).toBeCloseTo(ratio * same.itemBias[i]!, 3);
    });
    const student = studentFrom(engine, spread);
    const heights = rowsOf(student.scores(train), train.rows).map((row, user) => {
      const unseen = [...without(row, train, user)].filter(Number.isFinite);
      return Math.max(...unseen) - unseen.reduce((sum, x) => sum + x, 0) / unseen.length;
    });
    student.parameters.dispose();
    expect(heights.reduce((sum, x) => sum + x, 0) / heights.length).toBeCloseTo(6, 2);
  });

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

describe("a start from the teacher's units", () => {
  const units = (transfer: 'neurons' | 'copy', teacher: Teacher, dimensions: number) =>
    startStudent(transfer, {
      engine,
      teacher,
      student: plain(dimensions),
      sample: train,
      rng: createRng(3),
      scale: 'same',
    });

  it('as a copy is the teacher itself, where that is linear', () => {
    const { kl, overlap } = nearnessOf(units('copy', linearTeacher(5), 5), linearTeacher(5));
    expect(kl).toBeLessThan(1e-4);
    expect(overlap).toBeCloseTo(1, 9);
  });

  it('as neurons takes those whose two vectors are longest', () => {
    const input = Float32Array.of(1, 3, 0.1, 0, 0, 5);
    const output = Float32Array.of(2, 1, 1, 0, 0, 1);
    // Units: 1 x 2, 3 x 1, 5.001 x 1.41.
    expect(strongest({ input, output, width: 3 }, 2)).toEqual([2, 1]);
  });

  it('as neurons is nearer to a trained teacher than random numbers are', async () => {
    const teacher = await blockTeacher(engine);
    const near = nearnessOf(units('neurons', teacher, 8), teacher);
    const far = nearnessOf(randomStart(ITEMS, plain(8), createRng(4)), teacher);
    teacher.dispose();
    expect(near.kl).toBeLessThan(far.kl);
  });

  it('is refused where the shapes do not fit, with what would', () => {
    expect(() => units('copy', linearTeacher(5), 4)).toThrow(
      /the teacher's is 5 wide, student.dimensions is 4/,
    );
    expect(() => units('neurons', linearTeacher(5), 6)).toThrow(/at most 5 fit/);
    const { itemFactors: _, ...flat } = linearTeacher(5);
    expect(() => units('copy', flat, 5)).toThrow(
      /copy needs a teacher with a hidden layer .* use svd or none/,
    );
  });
});
