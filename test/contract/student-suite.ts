import { beforeAll, describe, expect, it } from 'vitest';
import { readSafetensors } from '../../src/artifact/format/safetensors.ts';
import { encodeStudentWeights } from '../../src/artifact/student/pack.ts';
import { dequantizeRows } from '../../src/artifact/student/quantize.ts';
import { studentBytes } from '../../src/artifact/student/student-bytes.ts';
import { fromTensors, shapeOf } from '../../src/artifact/student/student-tensors.ts';
import type { Solver, StudentWeights } from '../../src/artifact/student/student-weights.ts';
import { createRng, type Rng } from '../../src/core/rng.ts';
import { scaleRows } from '../../src/dataset/batches.ts';
import { type Csr, columnSums, emptyCsr } from '../../src/dataset/matrix.ts';
import { positionsInOrder } from '../../src/dataset/split/places.ts';
import { overlap } from '../../src/evaluation/agreement.ts';
import { topList } from '../../src/evaluation/top-list.ts';
import { createStudentScorer } from '../../src/scoring/student-scorer.ts';
import { createFoldInStudent } from '../../src/student/fold-in.ts';
import type { StudentNetwork } from '../../src/student/network.ts';
import { createSequentialStudent } from '../../src/student/sequential.ts';
import type { StudentSettings } from '../../src/student/settings.ts';
import { encoderStart, type FoldInStart } from '../../src/student/start.ts';
import type { Engine } from '../../src/tensor/engine.ts';
import { csrOf } from '../helpers/data.ts';
import { expectNoLeak, testEngine } from '../helpers/engine.ts';
import { rowsOf } from '../helpers/scores.ts';

export interface StudentUnderTest {
  name: string;
  settings: StudentSettings;
  /** Least share of the first ten that the stored weights must have in common with float32. */
  overlap: number;
  /** Most that storing may move a score of a history that is empty. */
  rounding: number;
  /** Most bytes of weights.safetensors. */
  bytes: number;
}

const ITEMS = 60;
export const DIMENSIONS = 8;
const USERS = 40;

/** What every student promises: that the network in training and the arithmetic in serving are one function. */
export function describeStudent(subject: StudentUnderTest): void {
  let engine: Engine;
  const histories = weighedHistories();
  const popularity = columnSums(histories);
  const { settings } = subject;
  const width = settings.hidden ?? DIMENSIONS;

  function randomStart(seed: number): FoldInStart {
    const rng = createRng(seed);
    return {
      itemsIn: normals(rng, ITEMS * width),
      itemsOut: normals(rng, ITEMS * DIMENSIONS),
      itemBias: normals(rng, ITEMS),
      inner: settings.hidden === null ? undefined : normals(rng, width * DIMENSIONS),
      encoder: settings.encoder && encoderStart(DIMENSIONS, settings.encoder, rng),
      ...(settings.user === 'solved' && { solver: solverOf(rng) }),
    };
  }

  beforeAll(async () => {
    engine = await testEngine();
  });

  /** With a user bias too, which is learnt and so is no start value. */
  function create(start: FoldInStart): StudentNetwork {
    const biased = { userBias: normals(createRng(77), width), ...start };
    const { encoder } = settings;
    if (encoder) {
      const whole = { ...start, encoder: start.encoder! };
      const optimizer = { kind: 'adamw', learningRate: 0.01 } as const;
      return createSequentialStudent(engine, ITEMS, { ...settings, encoder }, whole, optimizer);
    }
    return createFoldInStudent(engine, ITEMS, settings, biased, { kind: 'adamw', learningRate: 0.01 });
  }

  function weightsOf(student: StudentNetwork): StudentWeights {
    const weights = student.weights(popularity);
    student.parameters.dispose();
    return weights;
  }

  describe(`the ${subject.name} student`, () => {
    it('scores in training what serving scores with the same weights', () => {
      const weights = weightsOf(create(randomStart(1)));
      const student = create({
        itemsIn: dequantizeRows(weights.itemsIn),
        itemsOut: dequantizeRows(weights.itemsOut),
        itemBias: weights.itemBias,
        userBias: weights.userBias,
        inner: weights.inner?.weights,
        encoder: weights.encoder?.layers,
        ...(weights.solver && { solver: weights.solver }),
      });
      const inTraining = rowsOf(student.scores(histories), USERS);
      student.parameters.dispose();
      served(weights, histories).forEach((row, user) => {
        row.forEach((score, item) => {
          // The kernel rounds the user's vector to 16 bits or so.
          expect(score, `user ${user}, item ${item}`).toBeCloseTo(inTraining[user]![item]!, 2);
        });
      });
    });

    it('ranks as stored much as it does in float32', () => {
      const student = create(randomStart(2));
      const inTraining = rowsOf(student.scores(histories), USERS);
      const inServing = served(weightsOf(student), histories);
      const shares = inTraining.map((row, user) => overlap(topList(row, 10), topList(inServing[user]!, 10)));
      expect(shares.reduce((sum, x) => sum + x, 0) / USERS).toBeGreaterThan(subject.overlap);
    });

    it('hands over weights of its shape, with the popularity and the settings of its arithmetic', () => {
      const weights = weightsOf(create(randomStart(3)));
      expect(weights.itemsIn).toMatchObject({ rows: ITEMS, width });
      expect(weights.itemsOut).toMatchObject({ rows: ITEMS, width: DIMENSIONS });
      expect([weights.userBias.length, weights.itemBias.length]).toEqual([width, ITEMS]);
      expect(weights.popularity).toEqual(popularity);
      expect(shapeOf(weights)).toEqual({
        items: ITEMS,
        dimensions: DIMENSIONS,
        hidden: settings.hidden,
        tied: settings.tied,
        itemBias: settings.itemBias,
        quantization: settings.quantization,
        normalization: settings.normalization,
        activation: settings.activation,
        recency: settings.recency,
        solver: weights.solver && { perPair: weights.solver.perPair, scale: weights.solver.scale },
        encoder: settings.encoder,
      });
    });

    it('is stored as compactly as it says, and comes back the same', () => {
      const weights = weightsOf(create(randomStart(3)));
      const file = encodeStudentWeights(weights);
      expect(file.length).toBeLessThanOrEqual(subject.bytes);
      expect(file.length).toBeGreaterThan(subject.bytes / 2);
      // Known before anything is trained.
      expect(studentBytes(settings, ITEMS)).toBe(file.length);
      expect(fromTensors(readSafetensors(file, 'weights'), shapeOf(weights))).toEqual(weights);
    });

    it('learns, also with the rounding in the forward pass', () => {
      const student = create(randomStart(8));
      const x = student.input(histories);
      const labels = engine.sparseRows(scaleRows(histories, 'l1'));
      const step = (rounded: boolean) =>
        student.parameters.step((p) => {
          const { user, items, itemBias } = student.network(p, x, rounded);
          const total = engine.softmaxCrossEntropy(engine.linearScores(user, items, itemBias), labels);
          return { total, parts: {} };
        }).total!;
      const before = student.parameters.readAll();
      const losses = Array.from({ length: 12 }, (_, i) => step(i >= 6));
      const after = student.parameters.readAll();
      x.dispose();
      labels.dispose();
      student.parameters.dispose();
      expect(losses.at(-1)).toBeLessThan(losses[6]!);
      expect(losses[5]).toBeLessThan(losses[0]!);
      for (const name of Object.keys(before)) expect(after[name], name).not.toEqual(before[name]);
    });

    it('answers an empty history from its biases alone', () => {
      const student = create(randomStart(4));
      const empty = emptyCsr(1, ITEMS);
      const inTraining = student.scores(empty);
      const inServing = served(weightsOf(student), empty)[0]!;
      expect(inTraining.every(Number.isFinite)).toBe(true);
      inTraining.forEach((score, item) => {
        expect(Math.abs(score - inServing[item]!)).toBeLessThan(subject.rounding);
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

function normals(rng: Rng, length: number): Float32Array {
  return Float32Array.from({ length }, () => rng.normal());
}

function served(weights: StudentWeights, histories: Csr): Float32Array[] {
  const scorer = createStudentScorer(weights);
  return Array.from({ length: histories.rows }, (_, user) => {
    const newestFirst = positionsInOrder(histories, user).reverse();
    const scores = new Float32Array(ITEMS);
    scorer.scoresInto(
      newestFirst.map((p) => histories.indices[p]!),
      Array.from(newestFirst, (p) => histories.values[p]!),
      scores,
    );
    return scores;
  });
}

function weighedHistories(): Csr {
  const rng = createRng(6);
  const histories = csrOf(
    Array.from({ length: USERS }, () =>
      Array.from({ length: ITEMS }, () => (rng.next() < 0.15 ? 0.5 + rng.int(4) : 0)),
    ),
  );
  // Numbers that differ are enough of an order.
  return { ...histories, order: rng.shuffle(Int32Array.from(histories.indices, (_, p) => p)) };
}

function solverOf(rng: Rng): Solver {
  const gram = Float32Array.from({ length: DIMENSIONS }, () => 0.5 + rng.next());
  return { gram, perPair: 0.1, scale: 3 };
}
