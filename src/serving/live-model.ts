import { loadStudent } from '../artifact/load.ts';
import type { Manifest } from '../artifact/manifest.ts';
import type { ArtifactStore } from '../artifact/store.ts';
import type { StudentWeights } from '../artifact/student-weights.ts';
import { problem } from '../core/errors.ts';
import { runInSlices, type Sliced } from '../core/slices.ts';
import type { RegisteredVersion } from '../domain/model.ts';
import { createHistoryFold, type HistoryFold } from './history.ts';
import { checkProbes, tryScorer } from './probes.ts';
import { prepareStudentScorer, type StudentScorer } from './student-scorer.ts';
import { createUserCache, type UserCache } from './user-cache.ts';

/** One version of a model, ready to answer. Immutable but for its scorer's working memory. */
export interface LiveModel {
  name: string;
  version: number;
  artifact: string;
  manifest: Manifest;
  /** Item ids in row order, and back. */
  items: readonly string[];
  rowOf: ReadonlyMap<string, number>;
  weights: StudentWeights;
  scorer: StudentScorer;
  fold: HistoryFold;
  /** Users' folded histories. */
  users: UserCache;
  /** The only tasks it answers. */
  tasks: readonly string[];
  /** Of everything above, about. */
  bytes: number;
}

/** The only task that students have so far. */
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
): Promise<LiveModel> {
  const { manifest, weights, items, probes } = await loadStudent(artifacts, registered.artifact);
  checkRegistered(manifest, registered);
  const rowOf = await runInSlices(indexIds(items));
  const scorer = await runInSlices(prepareStudentScorer(weights));
  await runInSlices(tryScorer(scorer));
  await runInSlices(checkProbes(scorer, rowOf, probes));
  return {
    name: registered.model,
    version: registered.version,
    artifact: registered.artifact,
    manifest,
    items,
    rowOf,
    weights,
    scorer,
    fold: createHistoryFold(rowOf, manifest.weighting),
    users: createUserCache(
      USER_CACHE_BYTES,
      weights.itemsOut.width,
      manifest.weighting.halfLifeDays === null ? Number.POSITIVE_INFINITY : FRESH_MS,
    ),
    tasks: [DEFAULT_TASK],
    bytes: items.length * (4 * weights.itemsOut.width + BYTES_PER_ID),
  };
}

function* indexIds(items: readonly string[]): Sliced<Map<string, number>> {
  const rowOf = new Map<string, number>();
  for (let row = 0; row < items.length; row++) {
    rowOf.set(items[row]!, row);
    if (row % 4096 === 4095) yield;
  }
  return rowOf;
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
