import { beforeAll, describe, expect, it } from 'vitest';
import { type Csr, rowIdOf, selectRows } from '../../../src/dataset/matrix.ts';
import type { ModelValidation, Teacher } from '../../../src/teacher/contract.ts';
import { createExternalTeacher } from '../../../src/teacher/kinds/external.ts';
import { restoreTeacher } from '../../../src/teacher/registry.ts';
import { AVERAGE, createEnsemble } from '../../../src/teacher/several/ensemble.ts';
import {
  chooseWeights,
  partsOnValidation,
  weighOnValidation,
} from '../../../src/teacher/several/ensemble-weights.ts';
import type { Engine } from '../../../src/tensor/engine.ts';
import { csrOf } from '../../helpers/data.ts';
import { testEngine } from '../../helpers/engine.ts';
import { readScores } from '../../helpers/scores.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await testEngine();
});

/** Four users of whom each owns one of six items. */
const histories = csrOf([
  [1, 0, 0, 0, 0, 0],
  [0, 1, 0, 0, 0, 0],
  [0, 0, 1, 0, 0, 0],
  [0, 0, 0, 1, 0, 0],
]);

const lists = (name: string, listed: number[][]) => createExternalTeacher(engine, csrOf(listed), { name });

/** Of what each user is asked for: item 4 of the first two, item 5 of the others. */
const wanted = (user: number) => (user < 2 ? 4 : 5);
const asked: { count: number } = { count: 0 };
/** How many users have the wanted item first. */
const validation: ModelValidation = {
  metric(scores: (h: Csr) => Float32Array) {
    const all = scores(selectRows(histories, [0, 1, 2, 3]));
    let right = 0;
    for (let user = 0; user < 4; user++) {
      const row = all.subarray(user * 6, (user + 1) * 6);
      right += Number(row.every((score, item) => item === wanted(user) || score < row[wanted(user)]!));
    }
    return right;
  },
  every: 1,
  patience: 1,
};

/** Sure of item 4 everywhere; a little in favour of item 5 where that is right; surely wrong. */
function members(): Teacher[] {
  const rows = (row: number[]) => [row, row, row, row];
  const counted = lists('first', rows([0, 1, 1, 1, 6, 3]));
  return [
    {
      ...counted,
      scores(of) {
        asked.count++;
        return counted.scores(of);
      },
    },
    lists('second', [
      [0, 1, 1, 1, 5, 4],
      [0, 1, 1, 1, 5, 4],
      [0, 1, 1, 1, 1, 9],
      [0, 1, 1, 1, 1, 9],
    ]),
    lists('wrong', rows([0, 9, 8, 7, 1, 1])),
  ];
}

describe('weights that validation chooses', () => {
  it('are those of members that help; one that harms gets none, and the parts say so', async () => {
    asked.count = 0;
    const signal = new AbortController().signal;
    const onValidation = weighOnValidation(members(), AVERAGE, validation, signal);
    const weights = await chooseWeights(onValidation, 3);
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1);
    expect(weights[2]).toBe(0);
    const { metric, losses } = await partsOnValidation(onValidation, weights);
    expect(metric).toBe(4);
    expect(losses[2]).toBe(0);
    const equal = await partsOnValidation(onValidation, [1, 1, 1]);
    expect(equal.losses[2]).toBeLessThanOrEqual(0);
    // Once for the one batch, however many candidates were tried.
    expect(asked.count).toBe(1);
  });

  it('stop when the job is cancelled', async () => {
    const onValidation = weighOnValidation(members(), AVERAGE, validation, AbortSignal.abort());
    await expect(chooseWeights(onValidation, 3)).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('an ensemble', () => {
  it('asks no member whose weight is 0, and says what each is to it', () => {
    const [first, second] = members();
    asked.count = 0;
    const ensemble = createEnsemble(engine, [
      { teacher: first!, weight: 0 },
      { teacher: second!, weight: 3 },
    ]);
    readScores(ensemble, histories);
    expect(asked.count).toBe(0);
    expect(ensemble.members!.map(({ share }) => share)).toEqual([0, 1]);
    expect(ensemble.description).toMatch(/^ensemble of 0 external first.* and 1 external second.*, average$/);
    ensemble.dispose();
  });

  it('of lists alone is lists: of the items and users on any of them', () => {
    const none = [0, 0, 0, 0, 0, 0];
    const ensemble = createEnsemble(
      engine,
      [
        { teacher: lists('a', [[0, 2, 0, 0, 1, 0], none, [0, 0, 0, 0, 3, 1], none]), weight: 1 },
        { teacher: lists('b', [[0, 0, 0, 0, 5, 4], [0, 0, 7, 0, 0, 0], none, none]), weight: 1 },
      ],
      { ...AVERAGE, combine: 'rank-fusion' },
    );
    const listed = ensemble.listed!;
    const rows = [0, 1, 2, 3].map((user) =>
      Array.from(listed.indices.subarray(listed.indptr[user]!, listed.indptr[user + 1]!)),
    );
    expect(rows).toEqual([[1, 4, 5], [2], [4, 5], []]);
    // Of user 0 item 4 is second with one and first with the other.
    expect(listed.values[1]!).toBeGreaterThan(listed.values[0]!);
    expect(listed.values[0]!).toBeGreaterThan(listed.values[2]!);
    expect(rowIdOf(selectRows(histories, [2]), 0)).toBe(2);
  });

  it('of an earlier release is read as one whose members count alike', () => {
    const popularity = (...logShares: number[]) => ({ shape: [6], values: Float32Array.from(logShares) });
    const one = Float32Array.of(1);
    const restored = restoreTeacher(engine, {
      kind: 'average',
      settings: { kind: 'average', members: [{ kind: 'popularity' }, { kind: 'popularity' }] },
      epochs: 1,
      tensors: {
        '0': { shape: [1], values: one },
        '0.logShares': popularity(1, 2, 3, 4, 5, 6),
        '1': { shape: [1], values: one },
        '1.logShares': popularity(6, 5, 4, 3, 2, 1),
      },
    });
    expect(restored.members!.map(({ share }) => share)).toEqual([0.5, 0.5]);
    for (const score of readScores(restored, histories)[0]!) expect(score).toBeCloseTo(0);
    restored.dispose();
  });
});
