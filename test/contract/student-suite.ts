import { beforeAll, describe, expect, it } from 'vitest';
import { dequantizeRows } from '../../src/artifact/quantize.ts';
import type { Activation, Normalization, StudentWeights } from '../../src/artifact/student-weights.ts';
import { createRng, type Rng } from '../../src/core/rng.ts';
import { type Csr, columnSums, emptyCsr } from '../../src/dataset/matrix.ts';
import { overlap } from '../../src/evaluation/agreement.ts';
import { topList } from '../../src/evaluation/top-list.ts';
import { createStudentScorer } from '../../src/serving/student-scorer.ts';
import type { FoldInStudent } from '../../src/student/fold-in.ts';
import type { FoldInStart } from '../../src/student/start.ts';
import type { Engine } from '../../src/tensor/engine.ts';
import { csrOf } from '../helpers/data.ts';
import { expectNoLeak, testEngine } from '../helpers/engine.ts';
import { rowsOf } from '../helpers/scores.ts';

export interface StudentUnderTest {
  name: string;
  normalization: Normalization;
  activation: Activation;
  create(engine: Engine, items: number, dimensions: number, start: FoldInStart): FoldInStudent;
}

const ITEMS = 60;
const DIMENSIONS = 8;
const USERS = 40;

/** What every student promises: that the network in training and the arithmetic in serving are one function. */
export function describeStudent(subject: StudentUnderTest): void {
  let engine: Engine;
  const histories = weighedHistories();
  const popularity = columnSums(histories);

  beforeAll(async () => {
    engine = await testEngine();
  });

  /** With a user bias too, which is learnt and so is no start value. */
  function create(start: FoldInStart, userBias = normals(createRng(77), DIMENSIONS)): FoldInStudent {
    const student = subject.create(engine, ITEMS, DIMENSIONS, start);
    student.parameters.write('userBias', userBias);
    return student;
  }

  function weightsOf(student: FoldInStudent): StudentWeights {
    const weights = student.weights(popularity);
    student.parameters.dispose();
    return weights;
  }

  describe(`the ${subject.name} student`, () => {
    it('scores in training what serving scores with the same weights', () => {
      const weights = weightsOf(create(randomStart(1)));
      const start = {
        itemsIn: dequantizeRows(weights.itemsIn),
        itemsOut: dequantizeRows(weights.itemsOut),
        itemBias: weights.itemBias,
      };
      const student = create(start, weights.userBias);
      const inTraining = rowsOf(student.scores(histories), USERS);
      student.parameters.dispose();
      served(weights, histories).forEach((row, user) => {
        row.forEach((score, item) => {
          // The kernel rounds the user's vector to 16 bits or so.
          expect(score, `user ${user}, item ${item}`).toBeCloseTo(inTraining[user]![item]!, 2);
        });
      });
    });

    it('ranks in int8 as it does in float32', () => {
      const student = create(randomStart(2));
      const inTraining = rowsOf(student.scores(histories), USERS);
      const inServing = served(weightsOf(student), histories);
      const shares = inTraining.map((row, user) => overlap(topList(row, 10), topList(inServing[user]!, 10)));
      expect(shares.reduce((sum, x) => sum + x, 0) / USERS).toBeGreaterThan(0.95);
    });

    it('hands over weights of its shape, with the popularity and the settings of its arithmetic', () => {
      const weights = weightsOf(create(randomStart(3)));
      expect(weights.itemsIn).toMatchObject({ rows: ITEMS, width: DIMENSIONS });
      expect(weights.itemsOut).toMatchObject({ rows: ITEMS, width: DIMENSIONS });
      expect([weights.userBias.length, weights.itemBias.length]).toEqual([DIMENSIONS, ITEMS]);
      expect(weights.popularity).toEqual(popularity);
      expect(weights).toMatchObject({
        normalization: subject.normalization,
        activation: subject.activation,
      });
    });

    it('answers an empty history from its biases alone', () => {
      const student = create(randomStart(4));
      const empty = emptyCsr(1, ITEMS);
      const inTraining = student.scores(empty);
      const inServing = served(weightsOf(student), empty)[0]!;
      expect(inTraining.every(Number.isFinite)).toBe(true);
      inTraining.forEach((score, item) => {
        expect(Math.abs(score - inServing[item]!)).toBeLessThan(0.05);
      });
    });

    it('leaves no tensor behind', () =>
      expectNoLeak(async () => {
        const student = create(randomStart(5));
        student.scores(histories);
        student.weights(popularity);
        student.parameters.dispose();
      }));
  });
}

function randomStart(seed: number): FoldInStart {
  const rng = createRng(seed);
  return {
    itemsIn: normals(rng, ITEMS * DIMENSIONS),
    itemsOut: normals(rng, ITEMS * DIMENSIONS),
    itemBias: normals(rng, ITEMS),
  };
}

function normals(rng: Rng, length: number): Float32Array {
  return Float32Array.from({ length }, () => rng.normal());
}

function served(weights: StudentWeights, histories: Csr): Float32Array[] {
  const scorer = createStudentScorer(weights);
  return Array.from({ length: histories.rows }, (_, user) => {
    const [from, to] = [histories.indptr[user]!, histories.indptr[user + 1]!];
    const scores = new Float32Array(ITEMS);
    scorer.scoresInto(histories.indices.subarray(from, to), histories.values.subarray(from, to), scores);
    return scores;
  });
}

function weighedHistories(): Csr {
  const rng = createRng(6);
  return csrOf(
    Array.from({ length: USERS }, () =>
      Array.from({ length: ITEMS }, () => (rng.next() < 0.15 ? 0.5 + rng.int(4) : 0)),
    ),
  );
}
