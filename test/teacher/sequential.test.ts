import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import type { Csr } from '../../src/dataset/matrix.ts';
import { topList } from '../../src/evaluation/top-list.ts';
import type { TrainingContext } from '../../src/teacher/contract.ts';
import { type GruSettings, trainGruTeacher } from '../../src/teacher/kinds/gru.ts';
import { nextItems } from '../../src/teacher/kinds/next-item/next-items.ts';
import { type SasrecSettings, trainSasrecTeacher } from '../../src/teacher/kinds/sasrec.ts';
import { type SlistSettings, trainSlistTeacher } from '../../src/teacher/kinds/slist.ts';
import { describeTeacher } from '../contract/teacher-suite.ts';
import { sequencesOf } from '../helpers/data.ts';
import { testEngine } from '../helpers/engine.ts';
import { readScores } from '../helpers/scores.ts';

const fitted = {
  dimensions: 8,
  maxLength: 9,
  epochs: 20,
  batchSize: 12,
  learningRate: 0.04,
  dropout: 0.1,
  itemDropout: 0,
  samples: 0,
  weightDecay: 0,
};
const sasrec: SasrecSettings = { kind: 'sasrec', blocks: 2, heads: 2, ...fitted };
const gru: GruSettings = { kind: 'gru', hidden: 12, ...fitted };
const slist: SlistSettings = { kind: 'slist', form: 'full', lambda: [20], recency: 0.95, horizon: 0.95 };

describeTeacher({
  name: 'sasrec',
  train: (context) => trainSasrecTeacher(sasrec, context),
  diverge: (context) => trainSasrecTeacher({ ...sasrec, learningRate: 1e20 }, context),
  inOrder: true,
  linearOverlap: 0.6,
});
describeTeacher({
  name: 'gru',
  train: (context) => trainGruTeacher(gru, context),
  diverge: (context) => trainGruTeacher({ ...gru, learningRate: 1e20 }, context),
  inOrder: true,
  linearOverlap: 0.7,
});

describeTeacher({
  name: 'slist',
  train: (context) => trainSlistTeacher(slist, context),
  inOrder: true,
  seeded: false,
  linearOverlap: 0.6,
});

describeTeacher({
  name: 'slist of counts',
  train: (context) => trainSlistTeacher({ ...slist, form: 'diagonal' }, context),
  inOrder: true,
  seeded: false,
  linearOverlap: 0.6,
});

const CIRCLE = 12;
/** Everybody walks the same circle, each from a place of their own: all sets look alike, the last item tells the next. */
const walk = (from: number, length: number) => Array.from({ length }, (_, i) => (from + i) % CIRCLE);

describe.each([
  ['sasrec', (context: TrainingContext) => trainSasrecTeacher(sasrec, context)],
  [
    'sasrec (hidden items, a part of the catalogue at each step)',
    (context: TrainingContext) =>
      trainSasrecTeacher({ ...sasrec, itemDropout: 0.1, samples: 8, weightDecay: 0.1 }, context),
  ],
  ['gru', (context: TrainingContext) => trainGruTeacher(gru, context)],
  [
    'slist of counts',
    (context: TrainingContext) =>
      trainSlistTeacher({ ...slist, form: 'diagonal', recency: 0.3, horizon: 0 }, context),
  ],
  ['slist', (context: TrainingContext) => trainSlistTeacher({ ...slist, recency: 0.3, horizon: 0 }, context)],
] as const)('the %s teacher on a circle', (_, train) => {
  it('knows the next item, which only the order tells', async () => {
    const histories = sequencesOf(
      Array.from({ length: 36 }, (_, user) => walk(user, 7)),
      CIRCLE,
    );
    const teacher = await train({
      engine: await testEngine(),
      rng: createRng(1),
      train: histories,
      onProgress: () => {},
      signal: new AbortController().signal,
    });
    const next = (...items: number[]) => topList(readScores(teacher, sequencesOf([items], CIRCLE))[0]!, 1)[0];
    try {
      for (let from = 0; from < CIRCLE; from++) {
        expect(next(...walk(from, 5)), `from ${from}`).toBe((from + 5) % CIRCLE);
      }
      // The same set, the other way round.
      expect([next(4, 5), next(5, 4)]).toEqual([6, 5]);
      // Longer than what is looked at, beside a short one: padding changes nothing.
      const long = walk(3, CIRCLE);
      const together = readScores(teacher, sequencesOf([long, [7], []], CIRCLE));
      [long, [7], []].forEach((items, row) => {
        const alone = readScores(teacher, sequencesOf([items], CIRCLE))[0]!;
        together[row]!.forEach((score, item) => void expect(score).toBeCloseTo(alone[item]!, 4));
      });
      const newest = readScores(teacher, sequencesOf([long.slice(-fitted.maxLength)], CIRCLE))[0]!;
      newest.forEach((score, item) => void expect(together[0]![item]).toBeCloseTo(score, 4));
    } finally {
      teacher.dispose();
    }
  });
});

describe('the places to learn from', () => {
  it('are all but the newest, each with what came next', () => {
    const histories: Csr = sequencesOf(
      [
        [5, 2, 9],
        [1, 3],
      ],
      10,
    );
    const { sequences, targets } = nextItems(histories, 2);
    expect(sequences).toEqual({
      rows: 2,
      length: 2,
      items: Int32Array.of(5, 2, 0, 1),
      lengths: Int32Array.of(2, 1),
    });
    expect([...targets.indices]).toEqual([2, 9, 3]);
  });

  it('are the newest of a long history', () => {
    const { sequences, targets } = nextItems(sequencesOf([[0, 1, 2, 3, 4]], 5), 2);
    expect([...sequences.items, ...targets.indices]).toEqual([2, 3, 3, 4]);
  });

  it('need somebody with two items', async () => {
    const alone = trainSasrecTeacher(sasrec, {
      engine: await testEngine(),
      rng: createRng(1),
      train: sequencesOf([[1], [2]], 3),
      onProgress: () => {},
      signal: new AbortController().signal,
    });
    await expect(alone).rejects.toMatchObject({ code: 'not-enough-data' });
  });
});
