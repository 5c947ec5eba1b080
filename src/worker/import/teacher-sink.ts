import { listsOf, packScoreLists, type ScoreLists } from '../../artifact/score-lists.ts';
import type { ArtifactStore } from '../../artifact/store/store.ts';
import { problem } from '../../core/errors.ts';
import type { Snapshots } from '../../domain/data/interaction-source.ts';
import type { TeacherCoverage } from '../../domain/teachers/external-teacher.ts';
import { parseScore } from '../../ingest/rows.ts';
import type { Store } from '../../store/store.ts';
import type { ErasedUsers } from './erased-users.ts';
import type { ImportSink } from './import-sink.ts';
import { createScoreCollector } from './score-collector.ts';

interface TeacherSinkOptions {
  name: string;
  jobId: string;
  store: Pick<Store, 'interactions' | 'externalTeachers'>;
  artifacts: Pick<ArtifactStore, 'putFolder' | 'remove'>;
  now(): number;
  dryRun: boolean;
  erased?: Pick<ErasedUsers, 'without'> | undefined;
}

/** Collects a whole teacher and publishes it at the end: half a teacher would be another one. */
export function createTeacherSink(options: TeacherSinkOptions): ImportSink {
  const { store, dryRun } = options;
  const scores = createScoreCollector();
  let flushed = 0;
  return {
    add(raw) {
      const parsed = parseScore(raw);
      if ('reason' in parsed) return parsed.reason;
      scores.add(parsed.ok);
      return null;
    },
    waiting: () => scores.count() - flushed,
    async flush() {
      const accepted = scores.count() - flushed;
      flushed = scores.count();
      return { accepted, duplicates: 0 };
    },
    async finish() {
      const lists = await ofThoseWhoAreThere(scores.lists(), options.erased);
      const coverage = await coverageOf(lists, store.interactions);
      if (!dryRun) await publish(lists, coverage, options);
      const accepted = lists.scores.length;
      return { accepted, duplicates: scores.count() - accepted, coverage };
    },
  };
}

/** @throws problem('invalid-rows') where nobody is left */
async function ofThoseWhoAreThere(
  lists: ScoreLists,
  erased: TeacherSinkOptions['erased'],
): Promise<ScoreLists> {
  if (!erased) return lists;
  const kept = await erased.without(lists.users);
  const left = kept.size === lists.users.length ? lists : listsOf(lists, (user) => kept.has(user));
  if (left.users.length > 0 || lists.users.length === 0) return left;
  throw problem('invalid-rows', 'Every user with a score was erased after the import was asked for');
}

async function coverageOf({ users, items }: ScoreLists, interactions: Snapshots): Promise<TeacherCoverage> {
  const { knownUsers, knownItems } = await interactions.snapshot(async (source) => ({
    knownUsers: new Set((await source.dictionary('users')).values()),
    knownItems: new Set((await source.dictionary('items')).values()),
  }));
  const unknownUsers = users.filter((id) => !knownUsers.has(id)).length;
  const unknownItems = items.filter((id) => !knownItems.has(id)).length;
  const share = (found: number, all: number) => (all === 0 ? 0 : found / all);
  return {
    users: users.length,
    items: items.length,
    unknownUsers,
    unknownItems,
    shareOfUsers: share(users.length - unknownUsers, knownUsers.size),
    shareOfItems: share(items.length - unknownItems, knownItems.size),
  };
}

/** Artifact first, registry second; the one that it replaces goes last. */
async function publish(lists: ScoreLists, coverage: TeacherCoverage, options: TeacherSinkOptions) {
  const { name, jobId, store, artifacts, now } = options;
  const artifact = `teachers/${name}/${jobId}`;
  const { files, bytes, sha256 } = packScoreLists(lists);
  await artifacts.putFolder(artifact, files);
  let longest = 0;
  for (let u = 0; u < lists.users.length; u++)
    longest = Math.max(longest, lists.indptr[u + 1]! - lists.indptr[u]!);
  const createdAt = new Date(now()).toISOString();
  const scores = lists.scores.length;
  const before = await store.externalTeachers.put({
    name,
    jobId,
    createdAt,
    scores,
    longest,
    bytes,
    sha256,
    coverage,
    artifact,
  });
  if (before && before.artifact !== artifact) await artifacts.remove(before.artifact);
}
