import { describe, expect, it } from 'vitest';
import { packScoreLists, type ScoreLists } from '../../../src/artifact/score-lists.ts';
import type { DistillationSpec } from '../../../src/domain/jobs/distillation-spec.ts';
import type { LossSpec } from '../../../src/domain/losses/loss-spec.ts';
import type { ModelReport } from '../../../src/domain/reports/model-report.ts';
import type { StoredExternalTeacher } from '../../../src/domain/teachers/external-teacher.ts';
import { fitHistories } from '../../../src/teacher/kinds/fit-histories.ts';
import { placeLists } from '../../../src/training/teachers/external-teacher.ts';
import { createScoreCollector } from '../../../src/worker/import/score-collector.ts';
import { blockRows, blocks, csrOf, ITEMS, USERS_PER_BLOCK } from '../../helpers/data.ts';
import { memoryArtifacts, run, SPEC, storeOf } from '../run-job.ts';

type Score = [user: string, item: string, score: number];

const USERS = 2 * USERS_PER_BLOCK;
const userId = (user: number) => `user ${String(user).padStart(2, '0')}`;
const itemId = (item: number) => `item/${String(item).padStart(2, '0')}`;
const { withheld } = blocks();
const withheldOf = (user: number) =>
  Array.from(withheld.indices.subarray(withheld.indptr[user], withheld.indptr[user + 1]));

function listsOf(scores: readonly Score[]): ScoreLists {
  const collector = createScoreCollector();
  for (const [userId, itemId, score] of scores) collector.add({ userId, itemId, score });
  return collector.lists();
}

/** What each of the first users is to be shown: the unseen items of the own block, and the seen ones before them. */
function knowing(users = USERS): Score[] {
  return Array.from({ length: users }, (_, user) => user).flatMap((user) =>
    Array.from({ length: ITEMS / 2 }, (_, i): Score => {
      const item = Math.floor(user / USERS_PER_BLOCK) * (ITEMS / 2) + i;
      return [userId(user), itemId(item), withheldOf(user).includes(item) ? 3 - i / 100 : 9];
    }),
  );
}

const EXTERNAL: DistillationSpec = {
  ...SPEC,
  teacher: { kind: 'external', name: 'theirs' },
  distillation: { epochs: 20, batchSize: 8, seed: 7 },
};

async function runWith(scores: readonly Score[], spec: Partial<DistillationSpec> = {}) {
  const { files, sha256, bytes } = packScoreLists(listsOf(scores));
  const artifact = 'teachers/theirs/job-0';
  const artifacts = memoryArtifacts();
  await artifacts.putFolder(artifact, files);
  const teacher = { name: 'theirs', jobId: 'job-0', artifact, sha256, bytes } as StoredExternalTeacher;
  const externalTeachers = { get: async (name: string) => (name === 'theirs' ? teacher : null) };
  const rows = blockRows();
  const store = { ...storeOf(rows), externalTeachers };
  const { report, weights } = await run({ ...EXTERNAL, ...spec }, rows, { store }, artifacts);
  const ranker = (name: string) => report.models.find((one) => one.name === name)!;
  return { report, weights, teacher: ranker('teacher'), student: ranker('student') };
}

const value = (ranker: ModelReport, metric: string) => ranker.metrics[metric]!.value;

describe('lists made elsewhere', () => {
  it('teach the student, own items among them or not, and are measured themselves', async () => {
    const { report, teacher, student } = await runWith(knowing());
    expect(value(teacher, 'recall@3')).toBe(1);
    expect(value(student, 'recall@3')).toBeGreaterThan(0.95);
    expect(teacher).toMatchObject({ description: 'external theirs, 288 scores', loss: null, fidelity: null });
    expect(student.fidelity).not.toHaveProperty('kl');
    expect(report.teacherCoverage).toEqual({
      users: USERS,
      usersWithList: USERS,
      items: ITEMS,
      itemsOnLists: ITEMS,
      unknownUsers: 0,
      unknownItems: 0,
      testUsersWithList: USERS,
    });
    expect(report.settings.chosenTeacher).toMatchObject({ kind: 'external', jobId: 'job-0' });
  });

  it('are what is learnt, where the data says the opposite', async () => {
    const other = (user: number) => (user + USERS_PER_BLOCK) % USERS;
    const crossed = Array.from({ length: USERS }, (_, user) => user).flatMap((user) =>
      withheldOf(other(user)).map((item, i): Score => [userId(user), itemId(item), 3 - i]),
    );
    const losses: LossSpec[] = [{ kind: 'rankLabels', top: 3, temperature: 3 }];
    const { weights, student } = await runWith(crossed, {
      distillation: { ...EXTERNAL.distillation, losses },
    });
    expect(weights.length).toBeGreaterThan(0);
    expect(student.fidelity!['overlap@3']!.value).toBeGreaterThan(0.7);
    expect(value(student, 'recall@3')).toBeLessThan(0.1);
  });

  it('leave users without a list to the data, and out of the metrics of the teacher', async () => {
    const everySecond = knowing().filter(([user]) => Number(user.slice(-1)) % 2 === 0);
    const { report, teacher, student } = await runWith(everySecond, {
      distillation: { ...EXTERNAL.distillation, losses: [{ kind: 'rankLabels' }, { kind: 'hardLabels' }] },
    });
    expect(report.teacherCoverage).toMatchObject({ usersWithList: 12, testUsersWithList: 12 });
    expect(report.data.testUsers).toBe(USERS);
    expect(value(teacher, 'recall@3')).toBe(1);
    expect(teacher.segments.find(({ segment }) => segment.startsWith('history'))!.count).toBe(12);
    expect(value(student, 'recall@3')).toBeGreaterThan(0.9);
    expect(report.comparison.retained['recall@3']!.value).toBeGreaterThan(0.9);
  });

  it.each<[LossSpec, LossSpec]>([
    [
      { kind: 'softLabels', temperature: 2 },
      { kind: 'rrd', top: 5, samples: 5, side: 'both' },
    ],
    [
      { kind: 'softLabels', ownItems: 'hidden', scores: 'standardized' },
      { kind: 'rce-kd', top: 5, samples: 5 },
    ],
    [
      { kind: 'softLabels', top: 6, samples: 12 },
      { kind: 'dcd', top: 5, samples: 5 },
    ],
  ])('teach through %o and %o, three users in four alone', async (first, second) => {
    const losses: LossSpec[] = [first, second, { kind: 'hardLabels', weight: 0.2 }];
    const { student } = await runWith(knowing(18), {
      distillation: { ...EXTERNAL.distillation, epochs: 15, losses },
    });
    expect(value(student, 'recall@5')).toBeGreaterThan(0.8);
  });

  it('are used again for a refit', async () => {
    const { weights } = await runWith(knowing(), {
      evaluation: { k: [3], refit: true },
      distillation: { epochs: 3, batchSize: 8 },
    });
    expect(weights.length).toBeGreaterThan(0);
  });
});

describe('refused are', () => {
  it.each<[string, Score[], Partial<DistillationSpec>, RegExp]>([
    [
      'a name that nobody imported',
      knowing(),
      { teacher: { kind: 'external', name: 'ours' } },
      /no external teacher ours; import it/,
    ],
    [
      'lists of too few users',
      knowing(2),
      {},
      /covers 2 of the 24 users that count in the data, and 5 are needed.*lower teacher.minUsers of 0.2/,
    ],
    [
      'lists of too few items',
      knowing().map(([user, , score]): Score => [user, itemId(1), score]),
      {},
      /covers 1 of the 24 items that count in the data, and 2 are needed.*lower teacher.minItems of 0.05/,
    ],
    [
      'lists of another catalogue',
      knowing().map(([user, item, score]): Score => [user, `book ${item}`, score]),
      { teacher: { kind: 'external', name: 'theirs', minItems: 0, minUsers: 0 } },
      /covers 0 of the 24 users.*names 0 users that the data does not have/,
    ],
    [
      'a loss on its layers',
      knowing(),
      { distillation: { losses: [{ kind: 'fitnet' }, { kind: 'rankLabels' }] } },
      /fitnet needs a teacher with a hidden layer, which external has not/,
    ],
    [
      'a start from its layers',
      knowing(),
      { distillation: { transfer: 'copy' } },
      /copy.*needs|takes parameters/,
    ],
  ])('%s', async (_, scores, spec, detail) => {
    await expect(runWith(scores, spec)).rejects.toMatchObject({
      code: 'invalid-job',
      detail: expect.stringMatching(detail),
    });
  });
});

describe('lists', () => {
  it('take the last score of a pair that comes again, and are the same in any order', () => {
    const scores: Score[] = [
      ['b', 'y', 1],
      ['a', 'z', 2],
      ['a', 'x', 3],
      ['b', 'y', 4],
    ];
    expect(listsOf(scores)).toEqual({
      users: ['a', 'b'],
      items: ['x', 'y', 'z'],
      indptr: Int32Array.of(0, 2, 3),
      indices: Int32Array.of(0, 2, 1),
      scores: Float32Array.of(3, 2, 4),
    });
    const again = [scores[3]!, scores[1]!, scores[2]!];
    expect(packScoreLists(listsOf(again)).sha256).toBe(packScoreLists(listsOf(scores)).sha256);
  });

  it('come to the rows and columns of the data, with what is not theirs counted', () => {
    const lists = listsOf([
      ['a', 'x', 1],
      ['a', 'z', 2],
      ['c', 'y', 3],
      ['d', 'q', 4],
    ]);
    const { listed, coverage } = placeLists(lists, { users: ['a', 'b', 'c', 'e'], items: ['w', 'x', 'y'] });
    expect(listed).toEqual(
      csrOf([
        [0, 1, 0],
        [0, 0, 0],
        [0, 0, 3],
        [0, 0, 0],
      ]),
    );
    expect(coverage).toEqual({
      users: 4,
      usersWithList: 2,
      items: 3,
      itemsOnLists: 2,
      unknownUsers: 1,
      unknownItems: 2,
    });
  });

  it('are fitted to histories as a ridge regression', () => {
    // One item each: (1 + l) P = Y with l = 1 + 2 * 2 / 2.
    const fitted = fitHistories(
      csrOf([
        [1, 0],
        [0, 1],
      ]),
      Float32Array.of(4, 8, -4, 0),
      2,
    );
    expect([...fitted].map((x) => Math.round(x * 1e4) / 1e4)).toEqual([1, 2, -1, 0]);
  });
});
