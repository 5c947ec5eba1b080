import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { listsOf, loadScoreLists, packScoreLists, usersOfLists } from '../../artifact/score-lists.ts';
import type { StoredExternalTeacher } from '../../domain/teachers/external-teacher.ts';
import type { ExternalTeacherStore } from '../../store/registry/contract.ts';
import type { Blobs } from '../deps.ts';

interface Places {
  teachers: Pick<ExternalTeacherStore, 'list' | 'replace'>;
  artifacts: Pick<Blobs, 'get' | 'put' | 'remove'>;
}

export interface TeachersErased {
  /** Names of teachers whose lists were written anew without the person. */
  rewritten: string[];
  /** Names of those with more scores than this process reads into its memory. */
  tooLong: string[];
}

/** 120 MB while they are written anew. */
const MOST_SCORES = 5_000_000;

/** Takes the lists of some users out of all imported teachers; a teacher of nobody else is removed. */
export async function eraseFromTeachers(
  places: Places,
  userIds: readonly string[],
  mostScores = MOST_SCORES,
): Promise<TeachersErased> {
  const erased: TeachersErased = { rewritten: [], tooLong: [] };
  for (const teacher of await places.teachers.list()) {
    const users = await usersOfLists(places.artifacts, teacher.artifact);
    if (!userIds.some((id) => users.includes(id))) continue;
    if (teacher.scores > mostScores) erased.tooLong.push(teacher.name);
    // One that was imported anew meanwhile is a file of after the request.
    else if (await rewrite(places, teacher, userIds)) erased.rewritten.push(teacher.name);
  }
  return erased;
}

/** The new artifact first, then the record, then the former artifact goes. */
async function rewrite(
  { teachers, artifacts }: Places,
  teacher: StoredExternalTeacher,
  userIds: readonly string[],
): Promise<boolean> {
  const lists = listsOf(await loadScoreLists(artifacts, teacher.artifact), (user) => !userIds.includes(user));
  if (lists.users.length === 0) return swap(null);
  const { files, bytes, sha256 } = packScoreLists(lists);
  const artifact = `teachers/${teacher.name}/${randomUUID()}`;
  for (const [name, content] of files) await artifacts.put(`${artifact}/${name}`, Readable.from([content]));
  const lengths = lists.users.map((_, row) => lists.indptr[row + 1]! - lists.indptr[row]!);
  const coverage = { ...teacher.coverage, users: lists.users.length };
  const isSwapped = await swap({
    ...teacher,
    ...{ artifact, bytes, sha256, coverage },
    scores: lists.scores.length,
    longest: lengths.reduce((most, length) => Math.max(most, length), 0),
  });
  if (!isSwapped) await artifacts.remove(artifact);
  return isSwapped;

  async function swap(next: StoredExternalTeacher | null): Promise<boolean> {
    const isDone = await teachers.replace(teacher.name, teacher.artifact, next);
    if (isDone) await artifacts.remove(teacher.artifact);
    return isDone;
  }
}
