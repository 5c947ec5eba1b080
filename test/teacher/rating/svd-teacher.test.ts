import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRng } from '../../../src/core/rng.ts';
import { type Csr, columnSums, filterEntries, selectRows } from '../../../src/dataset/matrix.ts';
import { findNewItems } from '../../../src/dataset/new-items.ts';
import { buildRatings } from '../../../src/dataset/ratings.ts';
import type { SvdSettings } from '../../../src/teacher/rating/svd-settings.ts';
import { svdModel } from '../../../src/teacher/rating/svd-state.ts';
import {
  openSvdTeacher,
  restoreSvdTeacher,
  type SvdContext,
  trainSvdTeacher,
} from '../../../src/teacher/rating/svd-teacher.ts';
import { readCheckpoint, writeCheckpoint } from '../../../src/tensor/train/checkpoint.ts';
import type { TrainingState } from '../../../src/tensor/train/fit.ts';
import { sourceOf } from '../../helpers/data.ts';
import { RATED_ITEMS, ratedRows, ratingOf } from '../../helpers/rated.ts';
import { temporaryFolder } from '../../helpers/store.ts';

const SETTINGS: SvdSettings = {
  ...{ kind: 'matrix-factorization', objective: 'svd++', implicit: true, dimensions: 4, epochs: 5 },
  ...{ learningRate: 0.05, decay: 0.9, regularization: 0.02, biasRegularization: 0.005 },
};
const { matrix: ratings } = await buildRatings(sourceOf(ratedRows()), { types: ['rating'] });

function train(settings: SvdSettings, more: Partial<SvdContext> = {}) {
  const signal = new AbortController().signal;
  return trainSvdTeacher(settings, { ratings, rng: createRng(1), signal, onProgress: () => {}, ...more });
}

/** One row of ratings by somebody of the first kind. */
const stranger = (items: number[]): Csr => ({
  rows: 1,
  columns: RATED_ITEMS,
  indptr: Int32Array.of(0, items.length),
  indices: Int32Array.from(items),
  values: Float32Array.from(items, (item) => ratingOf(0, item)),
  rowIds: Int32Array.of(999),
});

describe.each<[string, SvdSettings]>([
  ['SVD++', SETTINGS],
  ['biased MF', { ...SETTINGS, objective: 'biased', implicit: false }],
])('the teacher of ratings %s', (name, settings) => {
  it('learns ratings that only the taste explains, of people who come later too', async () => {
    const teacher = await train({ ...settings, epochs: 30 });
    expect(teacher).toMatchObject({ description: `${name} 4`, settings: { epochs: 30 } });
    for (const [histories, user] of [
      [selectRows(ratings, [5]), 5],
      [stranger([0, 1, 2, 3]), 0],
    ] as const) {
      const out = teacher.predictions(histories);
      for (let item = 0; item < RATED_ITEMS; item++)
        expect(out[item]! > 3, `film ${item} for user ${user}: ${out[item]}`).toBe(ratingOf(user, item) > 3);
    }
  });

  it('goes on from a checkpoint and ends with the same numbers', async () => {
    const file = path.join(await temporaryFolder(), 'teacher.checkpoint');
    const whole = await train(settings);
    const ended = new AbortController();
    const half = train(settings, {
      signal: ended.signal,
      onProgress: ({ epoch }) => void (epoch === 2 && ended.abort()),
      resume: { onCheckpoint: (state: TrainingState) => writeCheckpoint(file, state) },
    });
    await expect(half).rejects.toMatchObject({ code: 'cancelled' });
    const epochs: [number, true | undefined][] = [];
    const rest = await train(settings, {
      onProgress: ({ epoch, epochEnd }) => void epochs.push([epoch, epochEnd!.isPast]),
      resume: { resumeFrom: (await readCheckpoint(file))! },
    });
    // The earlier ones are told again, for the curve.
    expect(epochs).toEqual([
      [1, true],
      [2, true],
      [3, undefined],
      [4, undefined],
      [5, undefined],
    ]);
    expect(rest.predictions(ratings)).toEqual(whole.predictions(ratings));
    expect(rest.state()).toEqual(whole.state());
  });

  it('stops where validation gets no better, and has chosen already when it goes on from there', async () => {
    const errors = [3, 1, 2, 2, 2];
    let last: TrainingState | undefined;
    let asked = 0;
    const validation = { rmse: () => errors[asked++]!, patience: 2 };
    const keep = (state: TrainingState) => {
      last = state;
    };
    const teacher = await train(settings, { validation, resume: { onCheckpoint: keep } });
    expect(teacher.settings.epochs).toBe(2);
    expect(asked).toBe(4);
    const again = await train(settings, { validation, resume: { resumeFrom: last! } });
    expect(again.settings.epochs).toBe(2);
    expect(asked).toBe(4);
  });

  it('is the same teacher when it is restored', async () => {
    const teacher = await train(settings);
    const restored = restoreSvdTeacher(teacher.state(), RATED_ITEMS);
    expect(restored).toMatchObject({ description: teacher.description, bytes: teacher.bytes });
    expect(restored.settings).toEqual(settings);
    // A part of a history is the user's too, as is a stranger's of anybody.
    const parts = selectRows(ratings, [3, 4]);
    const less = { ...parts, indptr: Int32Array.of(0, 2, 4), indices: parts.indices.slice(0, 4) };
    for (const histories of [ratings, less, stranger([0, 3])])
      expect(restored.predictions(histories)).toEqual(teacher.predictions(histories));
  });

  it('knows users of other data by their ratings, not by their rows', async () => {
    const teacher = await train(settings);
    const opened = openSvdTeacher(svdModel(teacher.state(), RATED_ITEMS));
    const moved = { ...selectRows(ratings, [7, 3]), rowIds: Int32Array.of(0, 1) };
    expect(opened.predictions(moved)).toEqual(teacher.predictions(selectRows(ratings, [7, 3])));
    // Row 7 of other data is another person.
    const other = { ...stranger([0, 3]), rowIds: Int32Array.of(7) };
    expect(opened.predictions(other)).toEqual(teacher.predictions(stranger([0, 3])));
  });

  it('says of a stranger the same, whoever else is asked about', async () => {
    const teacher = await train(settings);
    const [one, two] = [stranger([0, 1, 2]), stranger([5, 6])];
    const both: Csr = {
      ...one,
      rows: 2,
      indptr: Int32Array.of(0, 2, 5),
      indices: Int32Array.of(...two.indices, ...one.indices),
      values: Float32Array.of(...two.values, ...one.values),
      rowIds: Int32Array.of(999, 998),
    };
    expect(teacher.predictions(both).subarray(RATED_ITEMS)).toEqual(teacher.predictions(one));
  });

  it('learns a film that is new since the weights that it starts from, in a share of the epochs', async () => {
    const NEW = 0;
    const plan = { ...SETTINGS, epochs: 40 };
    const older = filterEntries(ratings, (p) => ratings.indices[p] !== NEW);
    const tested = await train(plan, { ratings: older });
    const newItems = findNewItems(ratings, columnSums(older));
    expect([...newItems.rows]).toEqual([NEW]);
    const loops: number[] = [];
    const refitted = await train(plan, {
      start: { teacher: tested.state(), newItems },
      onProgress: (p) => void loops.push(p.epochs),
    });
    expect(Math.max(...loops)).toBe(12);
    expect(refitted.settings).toEqual(tested.settings);
    const [likes, dislikes] = [0, 1].map((user) => {
      const all = refitted.predictions(selectRows(ratings, [user]));
      return all[NEW]!;
    });
    expect(likes! - dislikes!).toBeGreaterThan(2);
    // What it knew stays: without the new film both say nearly the same.
    const own = [tested, refitted].map((one) => one.predictions(selectRows(older, [0])).slice(1));
    const distance = own[0]!.reduce((sum, x, i) => sum + Math.abs(x - own[1]![i]!), 0) / own[0]!.length;
    expect(distance).toBeLessThan(0.5);
  });
});
