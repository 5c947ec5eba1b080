import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { problem } from '../../../src/core/errors.ts';
import { createRng } from '../../../src/core/rng.ts';
import { type Csr, selectRows } from '../../../src/dataset/matrix.ts';
import type { ModelValidation, Teacher, TrainingContext } from '../../../src/teacher/contract.ts';
import { restoreTeacher, type SingleSettings, trainTeacher } from '../../../src/teacher/registry.ts';
import { trainAuto } from '../../../src/teacher/several/auto.ts';
import type { Engine } from '../../../src/tensor/engine.ts';
import { blocks, ITEMS } from '../../helpers/data.ts';
import { expectNoLeak, testEngine } from '../../helpers/engine.ts';
import { readScores } from '../../helpers/scores.ts';

const { train } = blocks();
let engine: Engine;
beforeAll(async () => {
  engine = await testEngine();
});

/** The metric is the score that the first user gives to the item, so that tests decide who wins. */
function validationOn(item: number): ModelValidation {
  return {
    metric: (scores: (h: Csr) => Float32Array) => scores(selectRows(train, [0]))[item]!,
    every: 1,
    patience: 1,
  };
}

const context = (more: Partial<TrainingContext> = {}): TrainingContext => ({
  engine,
  rng: createRng(1),
  train,
  onProgress: () => {},
  signal: new AbortController().signal,
  ...more,
});

/** Gives everybody the same scores. */
function fixed(name: string, scores: readonly number[]): Teacher {
  const row = Float32Array.from({ length: ITEMS }, (_, i) => scores[i] ?? 0);
  const tensor = engine.tf.keep(engine.tf.tensor1d(row));
  return {
    kind: name,
    description: name,
    parameters: 1,
    bytes: 4,
    epochs: 1,
    settings: { kind: name },
    scores: ({ rows }) => engine.tf.tidy(() => engine.tf.tile(engine.tf.expandDims(tensor, 0), [rows, 1])),
    project: (directions) => new Float32Array(directions.length),
    state() {
      throw new Error('a teacher of this test only');
    },
    dispose: () => tensor.dispose(),
  };
}

describe('auto', () => {
  const trainers: Record<string, () => Teacher> = {
    // On item 0 'good' is the best alone; on item 1 both are weak, and their average no better.
    good: () => fixed('good', [9, 1, 0, 3]),
    bad: () => fixed('bad', [1, 2, 5, 0]),
    broken: () => {
      throw problem('out-of-memory', 'too large');
    },
    wild: () => {
      throw problem('training-diverged', 'the loss is NaN');
    },
    wrong: () => {
      throw new Error('a defect');
    },
  };
  const auto = (kinds: string[], more?: Partial<TrainingContext>) =>
    trainAuto(
      { kind: 'auto', budgetSeconds: 60, leftOut: [], candidates: kinds.map((kind) => ({ kind })) },
      context(more),
      async ({ kind }) => trainers[kind]!(),
    );

  it('keeps the best on validation, releases the others and says what was tried', () =>
    expectNoLeak(async () => {
      const teacher = await auto(['bad', 'good'], { validation: validationOn(0) });
      expect(teacher.kind).toBe('good');
      expect(teacher.tried).toMatchObject([
        { description: 'bad', metric: 1 },
        { description: 'good', metric: 9 },
      ]);
      teacher.dispose();
    }));

  it('keeps the average where that is better, with the settings of its members', () =>
    expectNoLeak(async () => {
      const validation: ModelValidation = {
        // Higher for scores with mean 0: only the average is standardised.
        metric: (scores) => -Math.abs(scores(selectRows(train, [0])).reduce((sum, x) => sum + x, 0)),
        every: 1,
        patience: 1,
      };
      const teacher = await auto(['bad', 'good'], { validation });
      expect(teacher.kind).toBe('ensemble');
      expect(teacher.settings).toMatchObject({
        combine: 'average',
        weights: [0.5, 0.5],
        members: [{ kind: 'bad' }, { kind: 'good' }],
      });
      expect(teacher.bytes).toBe(8);
      teacher.dispose();
    }));

  it('goes on without a candidate that does not fit, and says so', async () => {
    const teacher = await auto(['broken', 'bad'], { validation: validationOn(0) });
    expect(teacher.kind).toBe('bad');
    expect(teacher.tried).toMatchObject([{ description: 'broken', metric: null, failure: 'too large' }, {}]);
    teacher.dispose();
  });

  it('goes on without a candidate that diverged, and says so', () =>
    expectNoLeak(async () => {
      const teacher = await auto(['bad', 'wild', 'good'], { validation: validationOn(0) });
      expect(teacher.kind).toBe('good');
      expect(teacher.tried).toContainEqual({
        description: 'wild',
        metric: null,
        seconds: expect.any(Number),
        failure: 'the loss is NaN',
      });
      teacher.dispose();
    }));

  it('stops when three in succession gained nothing, and says what it did not try', () =>
    expectNoLeak(async () => {
      const teacher = await auto(['good', 'bad', 'bad', 'bad', 'good'], { validation: validationOn(0) });
      expect(teacher.tried!.at(-1)).toMatchObject({
        description: 'good',
        metric: null,
        failure: 'not tried: the last 3 gained nothing',
      });
      teacher.dispose();
    }));

  it('says what the budget left out', async () => {
    const teacher = await trainAuto(
      {
        kind: 'auto',
        budgetSeconds: 7,
        leftOut: [{ kind: 'ease', seconds: 99 }],
        candidates: [{ kind: 'bad' }],
      },
      context({ validation: validationOn(0) }),
      async ({ kind }) => trainers[kind]!(),
    );
    expect(teacher.tried!.at(-1)).toEqual({
      description: 'ease',
      metric: null,
      seconds: 0,
      failure: 'left out: it is estimated to take 99 s, and the budget is 7 s',
    });
    teacher.dispose();
  });

  describe('with the clock far beyond the budget', () => {
    afterEach(() => {
      vi.useRealTimers();
    });
    const late = (kinds: string[], stop = new AbortController()) => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      let trained = 0;
      return trainAuto(
        { kind: 'auto', budgetSeconds: 2, leftOut: [], candidates: kinds.map((kind) => ({ kind })) },
        context({ validation: validationOn(0), signal: stop.signal }),
        async ({ kind }, { signal }) => {
          if (++trained === 2) {
            vi.advanceTimersByTime(1e6);
            if (kind === 'cancelled') stop.abort();
            if (signal.aborted) throw problem('cancelled', 'training was cancelled');
          }
          return trainers[kind]!();
        },
      );
    };

    it('ends the one in training, tries no other, keeps the best so far and says so', () =>
      expectNoLeak(async () => {
        const teacher = await late(['bad', 'good', 'good']);
        expect(teacher.kind).toBe('bad');
        const [first, ...others] = teacher.tried!;
        expect(first).toMatchObject({ description: 'bad', metric: 1 });
        expect(others).toHaveLength(2);
        for (const { failure, metric } of others) {
          expect(failure).toContain(
            'ended by the clock: the search took more than 20 s, 10 times its budget',
          );
          expect(metric).toBeNull();
        }
        teacher.dispose();
      }));

    it('still ends with the job when that is cancelled', () =>
      expectNoLeak(() => expect(late(['bad', 'cancelled'])).rejects.toMatchObject({ code: 'cancelled' })));
  });

  it('fails as the last does when none is left, and at once for a defect, with nothing left behind', () =>
    expectNoLeak(async () => {
      const more = { validation: validationOn(0) };
      await expect(auto(['broken', 'broken'], more)).rejects.toMatchObject({ code: 'out-of-memory' });
      await expect(auto(['good', 'wrong'], more)).rejects.toThrow('a defect');
    }));

  it('takes the first without validation', async () => {
    const teacher = await auto(['bad', 'good']);
    expect(teacher.kind).toBe('bad');
    teacher.dispose();
  });

  it('settles on real teachers whose settings train the same again', async () => {
    const candidates: SingleSettings[] = [
      { kind: 'ease', lambda: [1, 10], form: 'primal' },
      {
        kind: 'graph-filter',
        components: 2,
        filters: [0.3, 0].map((alpha) => ({ alpha, activityPower: 1, popularityPower: 0 })),
      },
    ];
    const validation = validationOn(3);
    const teacher = await trainTeacher(
      { kind: 'auto', budgetSeconds: 60, leftOut: [], candidates },
      context({ validation }),
    );
    const again = await trainTeacher(teacher.settings as unknown as SingleSettings, context());
    expect(readScores(again, train)).toEqual(readScores(teacher, train));
    const restored = restoreTeacher(engine, teacher.state());
    expect(restored.tried).toEqual(teacher.tried);
    expect(readScores(restored, train)).toEqual(readScores(teacher, train));
    restored.dispose();
    teacher.dispose();
    again.dispose();
  });
});
