import { beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../../../src/core/rng.ts';
import { splitPairs } from '../../../../src/dataset/split/split.ts';
import { completeDistillation } from '../../../../src/domain/jobs/complete-distillation.ts';
import { trainEaseTeacher } from '../../../../src/teacher/kinds/ease.ts';
import {
  bestDislikes,
  chooseDislikes,
  withDislikes,
} from '../../../../src/training/tasks/ranking/choose-dislikes.ts';
import { planTraining } from '../../../../src/training/tasks/ranking/plan.ts';
import { csrOf } from '../../../helpers/data.ts';
import { testEngine } from '../../../helpers/engine.ts';

const trial = (dislikes: number, metric: number, shown: number) => ({
  dislikes,
  metric,
  shown,
  heldOut: 900,
});

describe('the amount', () => {
  it.each([
    ['the fewest dislikes of those whose NDCG is not below', [0.2, 50, 0.2, 40, 0.21, 30], 5],
    ['none where NDCG falls', [0.2, 50, 0.19, 40, 0.199, 30], 0],
    ['none where as many come up', [0.2, 50, 0.3, 50, 0.3, 60], 0],
    ['less where more costs', [0.2, 50, 0.2, 40, 0.19, 10], 2],
  ])('is %s', (_, [m0, s0, m2, s2, m5, s5], best) => {
    const tried = [trial(0, m0!, s0!), trial(2, m2!, s2!), trial(5, m5!, s5!)];
    expect(bestDislikes(tried)).toBe(best);
  });

  it('goes into the settings where it is not 0', () => {
    const settings = { distillation: { epochs: 3 } } as never;
    expect(withDislikes(settings, undefined)).toBe(settings);
    expect(withDislikes(settings, [trial(0, 1, 5), trial(2, 1, 6)])).toBe(settings);
    expect(withDislikes(settings, [trial(0, 1, 5), trial(2, 1, 4)])).toEqual({
      distillation: { epochs: 3, dislikes: 2 },
    });
  });
});

const [USERS, ITEMS] = [600, 120];
const draws = createRng(5);
const drawn = () => draws.next();
/** Two tastes; everybody dislikes some of the items of his own taste that are among the last thirty. */
const isOwn = (user: number, item: number) => item % 2 === user % 2;
const isBad = (item: number) => item >= 90;
const likes = csrOf(
  Array.from({ length: USERS }, (_, user) =>
    Array.from({ length: ITEMS }, (_, item) =>
      Number(isOwn(user, item) && drawn() < (isBad(item) ? 0.25 : 0.2)),
    ),
  ),
);
const likesOf = (user: number) =>
  new Set(likes.indices.subarray(likes.indptr[user]!, likes.indptr[user + 1]!));
const bad = csrOf(
  Array.from({ length: USERS }, (_, user) =>
    Array.from({ length: ITEMS }, (_, item) =>
      Number(isOwn(user, item) && isBad(item) && !likesOf(user).has(item) && drawn() < 0.6),
    ),
  ),
);
const always = new Float64Array(bad.indices.length).fill(Number.NEGATIVE_INFINITY);
const times = new Float64Array(likes.indices.length).fill(Number.NaN);
const names = (count: number) => Array.from({ length: count }, (_, i) => `${i}`);
const { dataset } = completeDistillation({
  model: 'm',
  dataset: { split: { strategy: 'random', testFraction: 0.2, validationFraction: 0.2 } },
});
const split = splitPairs(
  {
    ...{ users: names(USERS), items: names(ITEMS) },
    matrix: likes,
    firstSeen: times,
    lastSeen: times,
  } as never,
  dataset.split,
  3,
);
const unlisted = {
  seen: { pairs: bad, since: always },
  disliked: { pairs: bad, since: always, moves: new Float32Array(bad.indices.length) },
};
const spec = completeDistillation({
  model: 'm',
  student: { kind: 'fold-in', dimensions: 6, user: 'summed' },
  distillation: { epochs: 24 },
});
const settings = planTraining(spec, { users: USERS, items: ITEMS, pairs: split.train.indices.length });

describe('trials', () => {
  let context: Parameters<typeof chooseDislikes>[3];
  beforeAll(async () => {
    const engine = await testEngine();
    context = {
      ...{ engine, rng: createRng(1), onProgress() {} },
      signal: new AbortController().signal,
    } as never;
  });
  const teacherOf = () =>
    trainEaseTeacher({ kind: 'ease', lambda: [20], form: 'primal' }, {
      ...context,
      train: split.train,
    } as never);

  it('find fewer held-out dislikes in lists the lower a teacher has them', async () => {
    const warned: string[] = [];
    const teacher = await teacherOf();
    const tried = await chooseDislikes(
      teacher,
      settings,
      { split, unlisted, train: split.train },
      context,
      (message) => warned.push(message),
    );
    teacher.dispose();
    expect(warned).toEqual([]);
    expect(tried!.map(({ dislikes }) => dislikes)).toEqual([0, 2, 5]);
    const [none, some, most] = tried!;
    expect(some).toMatchObject({ heldOut: none!.heldOut });
    expect(some!.shown).toBeLessThan(none!.shown);
    expect(most!.shown).toBeLessThan(some!.shown);
  });

  it.each([
    ['nobody dislikes anything', { ...unlisted, disliked: undefined }, settings],
    [
      'the student is not taught by scores of a teacher',
      unlisted,
      { ...settings, distillation: { ...settings.distillation, epochs: 0 } },
    ],
  ])('are not made where %s, which is said', async (why, beside, own) => {
    const warned: string[] = [];
    const teacher = {} as never;
    const data = { split, unlisted: beside as never, train: split.train };
    const warn = (message: string) => void warned.push(message);
    expect(await chooseDislikes(teacher, own, data, context, warn)).toBeUndefined();
    expect(warned).toEqual([`distillation.dislikes auto tried nothing and lowers nothing: ${why}`]);
  });
});
