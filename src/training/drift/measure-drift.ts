import { LEARNED_SEED, loadLearned } from '../../artifact/learned.ts';
import type { ArtifactStore } from '../../artifact/store/store.ts';
import { EMPTY_SET, type HashSet, includesHash, unionOfSets } from '../../core/hash-set.ts';
import { hashOfId, mixHashes } from '../../core/id-hash.ts';
import { createRng } from '../../core/rng.ts';
import type { RegisteredVersion } from '../../domain/answers/model.ts';
import type { Installed } from '../../domain/data/weighting.ts';
import type { DriftFigures } from '../../domain/drift/drift-check.ts';
import { DEFAULT_ALIAS } from '../../domain/jobs/distillation-spec.ts';
import { overlap } from '../../evaluation/agreement.ts';
import { createResampling, meanWithInterval, statistic } from '../../evaluation/bootstrap.ts';
import { ndcgAt } from '../../evaluation/metrics.ts';
import { kindOfArtifact } from '../../serving/models/kinds.ts';
import { type LiveModel, loadLiveModel } from '../../serving/models/live-model.ts';
import { createCatalogueWork } from '../../serving/threads/catalogue-work.ts';
import { recentUsers } from '../../store/data/recent-users.ts';
import type { Store } from '../../store/store.ts';
import { openTeacher, type StoredRanker, type TeacherSources } from './open-teacher.ts';
import { type Folded, foldHistory, K, rankedByStudent, rankedByTeacher } from './rank-both.ts';
import { splitHistory } from './split-history.ts';

/** Below so many users nothing fair can be said. */
const LEAST_USERS = 10;
/** Rows of a history that are read. */
const ROWS = 500;
/** Histories that the teacher is asked for at once. */
const BATCH = 64;
const SEED = 5;

export interface DriftSources extends TeacherSources {
  store: Pick<Store, 'models' | 'interactions' | 'exports'>;
  artifacts: ArtifactStore;
  installed: Installed;
  now: number;
}

/** One user, as both models are asked. */
interface Asked {
  history: Folded;
  fresh: string[];
}

/**
 * Measures the live version of a model on what recent users did that it has not learned from, beside its stored teacher.
 * @param sample how many recent users are looked at
 */
export async function measureDrift(
  model: string,
  sample: number,
  sources: DriftSources,
): Promise<DriftFigures> {
  const version = await sources.store.models.resolve(model, DEFAULT_ALIAS);
  if (!version) return nothing(null, `No version of ${model} is live.`);
  if ((await kindOfArtifact(sources.artifacts, version.artifact)) === 'labels') {
    return nothing(
      version.version,
      `Version ${version.version} of ${model} predicts labels; drift is measured of models that rank items.`,
    );
  }
  const live = await loadLiveModel(sources.artifacts, version, createCatalogueWork(null), false);
  if (live.weights.rating) {
    return nothing(
      version.version,
      `Version ${version.version} of ${model} predicts ratings; drift is measured of models that rank items.`,
    );
  }
  const users = await recentUsers(sources.store.exports, sample);
  const { asked, byPopularity } = await lookAt(users, live, version, sources);
  const figures = {
    ...nothing(version.version),
    sampled: users.length,
    users: asked.length,
    pairs: asked.reduce((sum, { fresh }) => sum + fresh.length, 0),
  };
  if (users.length < LEAST_USERS)
    return { ...figures, notes: [tooFew(users.length, 'did something lately')] };
  const popularityShare = byPopularity / users.length;
  if (asked.length < LEAST_USERS) {
    const note = tooFew(
      asked.length,
      'have something that the version has not learned from, and something before it',
    );
    return { ...figures, popularityShare, notes: [note] };
  }
  const unknown = asked.flatMap(({ fresh }) =>
    fresh.filter((itemId) => live.rowOf.get(itemId) === undefined),
  );
  const teacher = await openTeacher(version, live, sources);
  return {
    ...figures,
    popularityShare,
    unknownItems: unknown.length / figures.pairs,
    ...compare(asked, live, 'note' in teacher ? null : teacher),
    notes: 'note' in teacher ? [teacher.note] : [],
  };
}

function compare(
  asked: readonly Asked[],
  live: LiveModel,
  teacher: StoredRanker | null,
): Pick<DriftFigures, 'ndcg' | 'teacherNdcg' | 'ndcgRetained' | 'overlap'> {
  const students = asked.map(({ history }) => rankedByStudent(live, history));
  const resampling = createResampling(asked.length, createRng(SEED));
  const gain = (lists: readonly Int32Array[]) =>
    Float64Array.from(lists, (list, u) => ndcgAt(ranksOf(asked[u]!.fresh, list, live), K));
  const own = gain(students);
  const ndcg = meanWithInterval(own, resampling);
  if (!teacher) return { ndcg, teacherNdcg: null, ndcgRetained: null, overlap: null };
  const teachers: Int32Array[] = [];
  for (let from = 0; from < asked.length; from += BATCH) {
    const histories = asked.slice(from, from + BATCH).map(({ history }) => history);
    teachers.push(...rankedByTeacher(teacher.teacher, histories, live.items.length));
  }
  teacher.dispose();
  const theirs = gain(teachers);
  const teacherNdcg = meanWithInterval(theirs, resampling);
  // Rankings may be longer than what is shown.
  const first = (list: Int32Array) => list.subarray(0, K);
  const shared = Float64Array.from(students, (list, u) => overlap(first(teachers[u]!), first(list)));
  return {
    ndcg,
    teacherNdcg,
    ndcgRetained: teacherNdcg.value > 0 ? statistic([own, theirs], resampling, ([a, b]) => a! / b!) : null,
    overlap: meanWithInterval(shared, resampling),
  };
}

/** Ranks from 0, ascending; an item that is not in the list, or that the version does not know, is beyond every place. */
function ranksOf(fresh: readonly string[], list: Int32Array, { rowOf }: LiveModel): number[] {
  const places = new Map(Array.from(list, (row, place) => [row, place]));
  const ranks = fresh.map((itemId) => places.get(rowOf.get(itemId) ?? -1) ?? Number.MAX_SAFE_INTEGER);
  return ranks.sort((a, b) => a - b);
}

async function lookAt(
  users: readonly string[],
  live: LiveModel,
  version: RegisteredVersion,
  { store, artifacts, installed, now }: DriftSources,
): Promise<{ asked: Asked[]; byPopularity: number }> {
  const learned = await learnedBy(artifacts, version);
  const trainedAt = Date.parse(version.createdAt);
  const reading = { weighting: live.manifest.weighting, installed };
  const asked: Asked[] = [];
  let byPopularity = 0;
  for (const userId of users) {
    const history = await store.interactions.history(userId, ROWS);
    if (live.fold(history, now).rows.length === 0) byPopularity++;
    const ofUser = hashOfId(userId, LEARNED_SEED);
    const split = splitHistory(history, reading, (itemId, firstSeen) =>
      learned
        ? !includesHash(learned, mixHashes(ofUser, hashOfId(itemId, LEARNED_SEED)))
        : firstSeen !== null && firstSeen > trainedAt,
    );
    if (!split) continue;
    const known = foldHistory(live, split.known, now);
    if (known.rows.length > 0) asked.push({ history: known, fresh: split.fresh });
  }
  return { asked, byPopularity };
}

/** Null for a version of an earlier release, which has not kept it. */
async function learnedBy(artifacts: ArtifactStore, { artifact }: RegisteredVersion): Promise<HashSet | null> {
  const file = await loadLearned(artifacts, artifact, 'pairs');
  return file?.sets.map(({ student }) => student).reduce(unionOfSets, EMPTY_SET) ?? null;
}

function tooFew(count: number, what: string): string {
  return `Not enough data: ${count} users ${what}, and ${LEAST_USERS} are needed for anything fair to be said.`;
}

function nothing(version: number | null, note?: string): DriftFigures {
  return {
    ...{ version, sampled: 0, users: 0, pairs: 0, ndcg: null, teacherNdcg: null, ndcgRetained: null },
    ...{ overlap: null, popularityShare: null, unknownItems: null },
    notes: note === undefined ? [] : [note],
  };
}
