import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { loadScoreLists, packScoreLists, type ScoreLists } from '../../../src/artifact/score-lists.ts';
import { createFsStore } from '../../../src/artifact/store/fs-store.ts';
import type { StoredExternalTeacher } from '../../../src/domain/teachers/external-teacher.ts';
import { eraseFromTeachers } from '../../../src/http/erasure/erase-from-teachers.ts';
import { openStore, temporaryFolder } from '../../helpers/store.ts';

/** ada: a 1, c 2; bob: b 3; cy: a 4, b 5, c 6. */
const LISTS: ScoreLists = {
  users: ['ada', 'bob', 'cy'],
  items: ['a', 'b', 'c'],
  indptr: Int32Array.of(0, 2, 3, 6),
  indices: Int32Array.of(0, 2, 1, 0, 1, 2),
  scores: Float32Array.of(1, 2, 3, 4, 5, 6),
};

async function setUp(lists = LISTS) {
  const folder = await temporaryFolder();
  const { externalTeachers: teachers } = await openStore(path.join(folder, 'test.db'));
  const artifacts = createFsStore(pathToFileURL(path.join(folder, 'artifacts')).href);
  const { files, bytes, sha256 } = packScoreLists(lists);
  await artifacts.putFolder('teachers/night/job-1', files);
  const users = lists.users.length;
  const teacher: StoredExternalTeacher = {
    ...{ name: 'night', jobId: 'job-1', createdAt: '2026-03-01T12:00:00.000Z', scores: lists.scores.length },
    ...{ longest: 3, bytes, sha256, artifact: 'teachers/night/job-1' },
    coverage: { users, items: 3, unknownUsers: 0, unknownItems: 0, shareOfUsers: 1, shareOfItems: 1 },
  };
  await teachers.put(teacher);
  return { teachers, artifacts, teacher };
}

it('writes lists anew without the user, and removes the files of before', async () => {
  const { teachers, artifacts, teacher } = await setUp();
  expect(await eraseFromTeachers({ teachers, artifacts }, ['cy', 'nobody'])).toEqual({
    rewritten: ['night'],
    tooLong: [],
  });
  const now = (await teachers.get('night'))!;
  expect(now).toMatchObject({ jobId: 'job-1', scores: 3, longest: 2, coverage: { users: 2, items: 3 } });
  expect(now.sha256).not.toBe(teacher.sha256);
  expect(await loadScoreLists(artifacts, now.artifact)).toEqual({
    ...{ users: ['ada', 'bob'], items: ['a', 'b', 'c'] },
    indptr: Int32Array.of(0, 2, 3),
    indices: Int32Array.of(0, 2, 1),
    scores: Float32Array.of(1, 2, 3),
  });
  expect(await artifacts.list('teachers/night/job-1')).toEqual([]);
});

it('leaves alone whose users are others, and removes a teacher of nobody else', async () => {
  const { teachers, artifacts, teacher } = await setUp();
  const none = { rewritten: [], tooLong: [] };
  expect(await eraseFromTeachers({ teachers, artifacts }, ['nobody'])).toEqual(none);
  expect(await teachers.get('night')).toEqual(teacher);
  expect((await eraseFromTeachers({ teachers, artifacts }, LISTS.users)).rewritten).toEqual(['night']);
  expect(await teachers.list()).toEqual([]);
  expect(await artifacts.list('teachers/night')).toEqual([]);
});

it('names those that are too long to be read here', async () => {
  const { teachers, artifacts, teacher } = await setUp();
  expect(await eraseFromTeachers({ teachers, artifacts }, ['cy'], 5)).toEqual({
    rewritten: [],
    tooLong: ['night'],
  });
  expect(await teachers.get('night')).toEqual(teacher);
});

it('does not undo an import that came in between', async () => {
  const { teachers, artifacts, teacher } = await setUp();
  const newer = { ...teacher, jobId: 'job-2', artifact: 'teachers/night/job-2' };
  const meanwhile = {
    list: () => teachers.list(),
    replace: async (...args: Parameters<typeof teachers.replace>) => {
      await teachers.put(newer);
      return teachers.replace(...args);
    },
  };
  expect((await eraseFromTeachers({ teachers: meanwhile, artifacts }, ['cy'])).rewritten).toEqual([]);
  expect(await teachers.get('night')).toEqual(newer);
  const keys = (await artifacts.list('teachers/night')).map(({ key }) => key.split('/')[2]);
  expect([...new Set(keys)]).toEqual(['job-1']);
});
