import { beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../../src/core/rng.ts';
import { startStudent, type Transfer } from '../../../src/distillation/transfer/transfer.ts';
import { learnForStart } from '../../../src/distillation/transfer/transfer-solved.ts';
import { overlap } from '../../../src/evaluation/agreement.ts';
import { topList } from '../../../src/evaluation/top-list.ts';
import { createFoldInStudent } from '../../../src/student/fold-in.ts';
import type { StudentSettings } from '../../../src/student/settings.ts';
import type { Engine } from '../../../src/tensor/engine.ts';
import { readAndDispose } from '../../../src/tensor/read.ts';
import { createRowSolver } from '../../../src/tensor/ridge/solve-rows.ts';
import { ITEMS } from '../../helpers/data.ts';
import { expectNoLeak, testEngine } from '../../helpers/engine.ts';
import { readScores, rowsOf } from '../../helpers/scores.ts';
import { blockTeacher, plain, train } from '../setup.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await testEngine();
});

const D = 4;
const solved = (tied: boolean): StudentSettings => ({
  ...plain(D),
  ...{ user: 'solved', normalization: 'none', tied, itemBias: false },
});

async function startOf(transfer: Transfer, student: StudentSettings, scale: 'same' | 'spread') {
  const teacher = await blockTeacher(engine);
  const ials = await learnForStart(engine, train, D, createRng(2), async () => {});
  const setup = { engine, teacher, student, sample: train, rng: createRng(3), scale, ials };
  const start = startStudent(transfer, setup);
  const network = createFoldInStudent(engine, ITEMS, student, start, { kind: 'adamw', learningRate: 1 });
  const scores = rowsOf(network.scores(train), train.rows);
  network.parameters.dispose();
  const wanted = readScores(teacher, train);
  teacher.dispose();
  return { scores, wanted, ials };
}

describe('the start of a student whose user vector is solved', () => {
  it.each([true, false])('by iALS scores what iALS scores, tied %s', async (tied) => {
    const { scores, ials } = await startOf('ials', solved(tied), 'same');
    const { tf } = engine;
    const items = tf.tensor2d(ials.items, [ITEMS, D]);
    const users = tf.tensor2d(createRowSolver(engine, ials.items, D, ials.ridge).solve(train), [
      train.rows,
      D,
    ]);
    const expected = rowsOf(readAndDispose(engine.linearScores(users, items)), train.rows);
    tf.dispose([items, users]);
    expected.forEach((row, user) => {
      row.forEach((score, item) => {
        expect(scores[user]![item]).toBeCloseTo(score, 3);
      });
    });
  });

  it.each(['ials', 'svd'] as const)(
    'by %s ranks as the teacher does, at a height for a softmax',
    async (transfer) => {
      const { scores, wanted } = await startOf(transfer, solved(true), 'spread');
      const shared = scores.map((row, user) => overlap(topList(row, 8), topList(wanted[user]!, 8)));
      expect(shared.reduce((sum, share) => sum + share, 0) / shared.length).toBeGreaterThan(0.7);
      expect(Math.max(...scores.flatMap((row) => [...row]))).toBeGreaterThan(3);
    },
  );

  it('leaves no tensor behind', () => expectNoLeak(() => startOf('ials', solved(true), 'spread')));
});
