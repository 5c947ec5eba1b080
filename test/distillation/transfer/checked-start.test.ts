import { beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../../src/core/rng.ts';
import type { Csr } from '../../../src/dataset/matrix.ts';
import { startChecked } from '../../../src/distillation/transfer/checked-start.ts';
import type { Transfer } from '../../../src/distillation/transfer/transfer.ts';
import { probeLoss, probeOf } from '../../../src/evaluation/score-probe.ts';
import { createStudent } from '../../../src/student/create-student.ts';
import type { StudentSettings } from '../../../src/student/settings.ts';
import { createStudentSide } from '../../../src/student/side-inputs.ts';
import { type FoldInStart, randomStart } from '../../../src/student/start.ts';
import type { Teacher } from '../../../src/teacher/contract.ts';
import { trainIals } from '../../../src/teacher/kinds/ials.ts';
import { projectFactors } from '../../../src/teacher/stored/project-factors.ts';
import type { Engine } from '../../../src/tensor/engine.ts';
import { csrOf } from '../../helpers/data.ts';
import { testEngine } from '../../helpers/engine.ts';
import { foldedScores } from '../../helpers/scores.ts';
import { contextOf, plain } from '../setup.ts';

const ITEMS = 6;
const WIDTH = 16;
let engine: Engine;
beforeAll(async () => {
  engine = await testEngine();
});

/** Data on which little can be learned, with six items each. */
const DATA: Record<string, Csr> = {
  'fewer items than dimensions': csrOf([
    [1, 1, 1, 0, 0, 0],
    [0, 1, 1, 1, 0, 0],
    [0, 0, 0, 1, 1, 1],
    [1, 0, 0, 0, 1, 1],
  ]),
  'identical users': csrOf(Array.from({ length: 5 }, () => [1, 1, 1, 0, 0, 0])),
  'one item that everybody has': csrOf([
    [1, 1, 0, 0, 0, 0],
    [1, 0, 1, 0, 0, 0],
    [1, 0, 0, 1, 0, 0],
    [1, 0, 0, 0, 1, 1],
  ]),
  'one user': csrOf([[1, 1, 1, 1, 1, 0]]),
};
const SEQUENTIAL: StudentSettings = {
  ...plain(8),
  kind: 'sequential',
  tied: true,
  itemBias: false,
  encoder: { length: 4, heads: 2 },
};

function setupOf(teacher: Teacher, sample: Csr, student: StudentSettings, scale: 'same' | 'spread') {
  return { engine, teacher, student, sample, rng: createRng(3), scale };
}

function lossOf(start: FoldInStart, student: StudentSettings, sample: Csr): number {
  const how = { kind: 'adamw', learningRate: 0.01 } as const;
  const network = createStudent(
    engine,
    ITEMS,
    student,
    start,
    how,
    {},
    createStudentSide(engine, student, {}),
  );
  const probe = probeOf(sample, createRng(5));
  const loss = probeLoss(network.scores(probe.histories), probe);
  network.parameters.dispose();
  return loss;
}

/** A teacher whose item factors are given; its parts are those of a student. */
function factorTeacher(factor: (at: number) => number): Teacher {
  const values = Float32Array.from({ length: ITEMS * WIDTH }, (_, at) => factor(at));
  const factors = { input: values, output: values, width: WIDTH };
  const { itemBias, ...start } = randomStart(ITEMS, plain(WIDTH), createRng(1));
  return {
    kind: 'factors',
    description: 'factors',
    parameters: 1,
    bytes: 1,
    settings: {},
    epochs: 1,
    scores: (histories) =>
      engine.tf.tensor2d(Float32Array.from(foldedScores(factors, histories).flatMap((row) => [...row])), [
        histories.rows,
        ITEMS,
      ]),
    itemFactors: () => factors,
    project: (directions, width) => projectFactors(engine, factors, directions, width),
    foldIn: () => ({
      ...start,
      ...{ itemsIn: values, itemsOut: values, itemBias, userBias: new Float32Array(WIDTH) },
      ...{ dimensions: WIDTH, tied: false, activation: 'identity' as const, normalization: 'l2' as const },
    }),
    state() {
      throw new Error('a teacher of this test only');
    },
    dispose() {},
  };
}

describe('a start that is checked', () => {
  it.each(Object.entries(DATA))('by SVD is no worse than a guess by much: %s', async (_, train) => {
    const settings = { epochs: 4, unobservedWeight: 0.1, regularization: 0.01, dimensions: WIDTH };
    const teacher = await trainIals(
      { kind: 'matrix-factorization', objective: 'ials', ...settings },
      contextOf(engine, { train }),
    );
    for (const student of [plain(WIDTH), { ...plain(WIDTH), hidden: 8, activation: 'relu' as const }]) {
      for (const scale of ['same', 'spread'] as const) {
        for (const transfer of ['svd', ...(student.hidden ? [] : ['neurons', 'copy'])] as Transfer[]) {
          const { start } = startChecked(transfer, setupOf(teacher, train, student, scale));
          expect(lossOf(start, student, train)).toBeLessThan(Math.log(ITEMS) + 10);
        }
      }
    }
    teacher.dispose();
  });

  it('by SVD holds for a teacher of rank 1, and for one that says the same of all items', () => {
    for (const teacher of [factorTeacher((at) => (at % WIDTH === 0 ? at / 30 : 0)), factorTeacher(() => 1)]) {
      const train = DATA['fewer items than dimensions']!;
      for (const student of [plain(WIDTH), SEQUENTIAL]) {
        const { start, replaced } = startChecked('svd', setupOf(teacher, train, student, 'spread'));
        expect(replaced).toBeUndefined();
        expect(lossOf(start, student, train)).toBeLessThan(Math.log(ITEMS) + 10);
      }
    }
  });

  it.each(['neurons', 'copy', 'items', 'all'] as const)(
    '%s is replaced where its scores explode',
    (transfer) => {
      const train = DATA['fewer items than dimensions']!;
      const teacher = factorTeacher((at) => 1e4 * Math.sin(1 + at));
      const { start, replaced } = startChecked(transfer, setupOf(teacher, train, plain(WIDTH), 'spread'));
      expect(replaced).toMatch(/leading directions|random numbers/);
      expect(replaced).toContain(`distillation.transfer ${transfer}`);
      expect(lossOf(start, plain(WIDTH), train)).toBeLessThan(Math.log(ITEMS) + 10);
    },
  );

  it('is replaced by random numbers where the teacher says nothing that is a number', () => {
    const train = DATA['fewer items than dimensions']!;
    const broken: Teacher = {
      ...factorTeacher(() => Number.NaN),
      project: (_, width) => new Float32Array(ITEMS * width).fill(Number.NaN),
    };
    const { start, replaced } = startChecked('copy', setupOf(broken, train, plain(WIDTH), 'spread'));
    expect(replaced).toContain('random numbers');
    expect(lossOf(start, plain(WIDTH), train)).toBeLessThan(Math.log(ITEMS) + 1);
  });
});
