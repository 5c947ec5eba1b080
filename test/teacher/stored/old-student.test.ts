import { describe, expect, it } from 'vitest';
import { quantizeRows } from '../../../src/artifact/student/quantize.ts';
import type { Activation, StudentWeights } from '../../../src/artifact/student/student-weights.ts';
import { createRng } from '../../../src/core/rng.ts';
import { createStudentScorer } from '../../../src/scoring/student-scorer.ts';
import { restoreTeacher } from '../../../src/teacher/registry.ts';
import { studentState } from '../../../src/teacher/stored/old-student.ts';
import { csrOf } from '../../helpers/data.ts';
import { expectNoLeak, testEngine } from '../../helpers/engine.ts';
import { readScores } from '../../helpers/scores.ts';

const ITEMS = 30;
const rng = createRng(4);
const normals = (length: number) => Float32Array.from({ length }, () => rng.normal());

function student(hidden: number | null, activation: Activation, tied = false): StudentWeights {
  const d = 6;
  const h = hidden ?? d;
  const itemsOut = quantizeRows(normals(ITEMS * d), ITEMS, d);
  return {
    itemsOut,
    itemsIn: tied ? itemsOut : quantizeRows(normals(ITEMS * h), ITEMS, h),
    userBias: normals(h),
    inner: hidden === null ? null : { weights: normals(h * d), bias: normals(d) },
    itemBias: normals(ITEMS),
    popularity: new Float32Array(ITEMS).fill(1),
    quantization: 'int8',
    normalization: 'l2',
    activation,
  };
}

function solved(tied: boolean): StudentWeights {
  const solver = { gram: Float32Array.from({ length: 6 }, (_, k) => 0.5 + k), perPair: 0.2, scale: 2 };
  return { ...student(null, 'identity', tied), normalization: 'none', solver };
}

const histories = csrOf(
  Array.from({ length: 4 }, (_, row) =>
    Array.from({ length: ITEMS }, (_, item) => ((item * 7 + row) % 5 === 0 ? 1 + row / 2 : 0)),
  ),
);

describe('a published student as a teacher', () => {
  it.each([
    ['without a hidden layer', student(null, 'identity')],
    ['with a hidden layer', student(9, 'relu')],
    ['with tanh and one item matrix', student(null, 'tanh', true)],
    ['with a user vector that is solved', solved(false)],
    ['with a user vector that is solved and one item matrix', solved(true)],
  ])('%s scores as it is served', async (_name, weights) => {
    const engine = await testEngine();
    const scorer = createStudentScorer(weights);
    const served = new Float32Array(ITEMS);
    const work = async () => {
      const teacher = restoreTeacher(engine, studentState(weights));
      const scores = readScores(teacher, histories);
      for (let row = 0; row < histories.rows; row++) {
        const [from, to] = [histories.indptr[row]!, histories.indptr[row + 1]!];
        scorer.scoresInto(histories.indices.subarray(from, to), histories.values.subarray(from, to), served);
        const spread = Math.max(...served) - Math.min(...served);
        scores[row]!.forEach((score, item) => {
          expect(Math.abs(score - served[item]!)).toBeLessThan(2e-3 * spread);
        });
      }
      const again = restoreTeacher(engine, structuredClone(teacher.state()));
      expect(readScores(again, histories)).toEqual(scores);
      teacher.dispose();
      again.dispose();
    };
    await expectNoLeak(work);
  });

  it('counts one item matrix where both sides share it', async () => {
    const engine = await testEngine();
    const count = (weights: StudentWeights) => {
      const teacher = restoreTeacher(engine, studentState(weights));
      teacher.dispose();
      return teacher.parameters;
    };
    expect(count(student(null, 'identity')) - count(student(null, 'identity', true))).toBe(ITEMS * 6);
  });

  it('hands on how its user vector is solved, and is near itself as a sum', async () => {
    const engine = await testEngine();
    const weights = { ...solved(true), userBias: new Float32Array(6) };
    const teacher = restoreTeacher(engine, studentState(weights));
    expect(teacher.foldIn!()).toMatchObject({ tied: true, solver: weights.solver });
    const { input, output, width } = teacher.itemFactors!(histories);
    const scores = readScores(teacher, histories);
    teacher.dispose();
    for (let row = 0; row < histories.rows; row++) {
      const user = new Float64Array(width);
      for (let p = histories.indptr[row]!; p < histories.indptr[row + 1]!; p++)
        for (let k = 0; k < width; k++)
          user[k]! += histories.values[p]! * input[histories.indices[p]! * width + k]!;
      const linear = Array.from({ length: ITEMS }, (_, item) =>
        user.reduce((sum, value, k) => sum + value * output[item * width + k]!, 0),
      );
      const own = Array.from(scores[row]!, (score, item) => score - weights.itemBias[item]!);
      expect(correlation(linear, own)).toBeGreaterThan(0.8);
    }
  });
});

function correlation(a: number[], b: number[]): number {
  const mean = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
  const [x, y] = [a, b].map((values) => values.map((value) => value - mean(values))) as [number[], number[]];
  const product = (p: number[], q: number[]) => p.reduce((sum, value, i) => sum + value * q[i]!, 0);
  return product(x, y) / Math.sqrt(product(x, x) * product(y, y));
}
