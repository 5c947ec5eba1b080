import type { Manifest } from '../artifact/manifest.ts';
import type { ArtifactStore } from '../artifact/store.ts';
import type { StudentWeights } from '../artifact/student-weights.ts';
import { problem } from '../core/errors.ts';
import type { RegisteredVersion } from '../domain/model.ts';
import type { FindTop } from './find-top.ts';
import { createHistoryFold, type HistoryFold } from './history.ts';
import type { RowIndex } from './row-index.ts';
import type { Scans } from './scans.ts';
import { openStudentScorer, type StudentScorer, scorerOfTask } from './student-scorer.ts';
import { createUserCache, type UserCache } from './user-cache.ts';

/** One version of a model that recommends items, ready to answer. Immutable but for its scorer's working memory. */
export interface LiveModel {
  kind: 'items';
  name: string;
  version: number;
  artifact: string;
  manifest: Manifest;
  /** Item ids in row order, and back. */
  items: readonly string[];
  rowOf: RowIndex;
  weights: StudentWeights;
  scorer: StudentScorer;
  /** The scan over all its items. */
  findTop: FindTop;
  fold: HistoryFold;
  /** Users' folded histories. */
  users: UserCache;
  /** What it can be asked for; without a task the first one is meant. */
  tasks: readonly [LiveTask, ...LiveTask[]];
  /** Of everything above, about. */
  bytes: number;
}

export interface LiveTask {
  name: string;
  /** All tasks scan the same rows. */
  scorer: StudentScorer;
  /** Only these behaviours make an item seen; undefined for all of them. */
  seenTypes: ReadonlySet<string> | undefined;
}

/** Of a student with one task. */
export const DEFAULT_TASK = 'default';

const USER_CACHE_BYTES = 64 << 20;
/** Weights that fade with age may be about this old. */
const FRESH_MS = 60_000;
/** Text, its place in the map and the bounds of the row. */
const BYTES_PER_ID = 200;

/**
 * Loads a version aside and tries it before anybody else does.
 * @throws problem('invalid-artifact') with the reason, problem('store-unavailable') when it cannot be read now
 */
export async function loadLiveModel(
  artifacts: Pick<ArtifactStore, 'get'>,
  registered: Pick<RegisteredVersion, 'model' | 'version' | 'artifact' | 'items' | 'dimensions'>,
  scans: Scans,
): Promise<LiveModel> {
  const { model, version, artifact } = registered;
  const prepared = await scans.prepare(artifacts, artifact, registered.items);
  const { manifest, weights, items, rowOf, packed } = prepared;
  checkRegistered(manifest, registered);
  const scorer = openStudentScorer(weights, packed);
  return {
    kind: 'items',
    name: model,
    version,
    artifact,
    manifest,
    items,
    rowOf,
    weights,
    scorer,
    findTop: scans.open(packed.matrix, scorer.kernel),
    fold: createHistoryFold(rowOf, manifest.weighting, weights.rating !== undefined),
    users: createUserCache(
      USER_CACHE_BYTES,
      weights.itemsOut.width,
      manifest.weighting.halfLifeDays === null ? Number.POSITIVE_INFINITY : FRESH_MS,
    ),
    tasks: tasksOf(weights, scorer),
    bytes: items.length * (4 * weights.itemsOut.width + BYTES_PER_ID),
  };
}

function tasksOf(weights: StudentWeights, scorer: StudentScorer): LiveModel['tasks'] {
  const [first, ...others] = (weights.heads ?? []).map(({ task, types }, i) => ({
    name: task,
    scorer: i === 0 ? scorer : scorerOfTask(scorer, weights, i),
    seenTypes: new Set(types),
  }));
  const only = weights.rating ? 'rating' : DEFAULT_TASK;
  return first ? [first, ...others] : [{ name: only, scorer, seenTypes: undefined }];
}

function checkRegistered(
  manifest: Manifest,
  registered: Pick<RegisteredVersion, 'model' | 'items' | 'dimensions'>,
): void {
  for (const field of ['model', 'items', 'dimensions'] as const) {
    if (manifest[field] === registered[field]) continue;
    throw problem(
      'invalid-artifact',
      `the artifact's ${field} is ${manifest[field]}, the registry's is ${registered[field]}`,
    );
  }
}
