import { beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../../src/core/rng.ts';
import type { Csr } from '../../../src/dataset/matrix.ts';
import type { ModelValidation, TrainingContext } from '../../../src/teacher/contract.ts';
import type { IalsSettings } from '../../../src/teacher/kinds/ials.ts';
import { trainIals } from '../../../src/teacher/kinds/ials.ts';
import { planTries } from '../../../src/teacher/kinds/ials-tries.ts';
import type { Engine } from '../../../src/tensor/engine.ts';
import { blocks } from '../../helpers/data.ts';
import { expectNoLeak, testEngine } from '../../helpers/engine.ts';

const { train, withheld } = blocks();
let engine: Engine;
beforeAll(async () => {
  engine = await testEngine();
});

/** The mean score of the withheld items less that of the other block. */
const validation: ModelValidation = {
  metric(scores: (histories: Csr) => Float32Array) {
    const all = scores(train);
    let sum = 0;
    for (let user = 0; user < train.rows; user++) {
      for (let p = withheld.indptr[user]!; p < withheld.indptr[user + 1]!; p++)
        sum += all[user * train.columns + withheld.indices[p]!]!;
    }
    return sum / withheld.indices.length;
  },
  every: 1,
  patience: 3,
};
const context = (more: Partial<TrainingContext> = {}): TrainingContext => ({
  engine,
  rng: createRng(3),
  train,
  validation,
  onProgress: () => {},
  signal: new AbortController().signal,
  ...more,
});
const good = { unobservedWeight: 0.1, regularization: 0.01 };
/** So much ridge that every score is nearly zero. */
const bad = { unobservedWeight: 0.1, regularization: 500 };
const settings: IalsSettings = {
  kind: 'matrix-factorization',
  objective: 'ials',
  dimensions: 4,
  epochs: 4,
  ...bad,
  tries: [bad, good, { ...bad, regularization: 900 }],
};

describe('the tries of iALS', () => {
  it('end in the best on validation, which stands in the settings in their place', () =>
    expectNoLeak(async () => {
      const fractions: number[] = [];
      const teacher = await trainIals(
        settings,
        context({ onProgress: ({ fraction }) => void fractions.push(fraction) }),
      );
      expect(teacher.settings).toMatchObject(good);
      expect(teacher.settings).not.toHaveProperty('tries');
      expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
      expect(fractions.at(-1)).toBeCloseTo(1, 5);
      teacher.dispose();
    }));

  it('are not made without validation, where the planned settings count', async () => {
    const teacher = await trainIals(settings, context({ validation: undefined }));
    expect(teacher.settings).toMatchObject(bad);
    expect(teacher.settings).not.toHaveProperty('tries');
    teacher.dispose();
  });

  it('end when the job is cancelled', () =>
    expectNoLeak(async () => {
      const stop = new AbortController();
      const training = trainIals(settings, context({ signal: stop.signal, onProgress: () => stop.abort() }));
      await expect(training).rejects.toMatchObject({ code: 'cancelled' });
    }));

  it('begin with the planned weight', () => {
    expect(planTries(0.2)[0]).toEqual({ unobservedWeight: 0.2, regularization: 0.01 });
  });
});
