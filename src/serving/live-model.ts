import { loadStudent } from '../artifact/load.ts';
import type { Manifest } from '../artifact/manifest.ts';
import type { ArtifactStore } from '../artifact/store.ts';
import { problem } from '../core/errors.ts';
import { runInSlices } from '../core/slices.ts';
import type { RegisteredVersion } from '../domain/model.ts';
import { createHistoryFold, type HistoryFold } from './history.ts';
import { prepareStudentScorer, type StudentScorer } from './student-scorer.ts';

/** One version of a model, ready to answer. Immutable but for its scorer's working memory. */
export interface LiveModel {
  name: string;
  version: number;
  artifact: string;
  manifest: Manifest;
  /** Item ids in row order, and back. */
  items: readonly string[];
  rowOf: ReadonlyMap<string, number>;
  scorer: StudentScorer;
  fold: HistoryFold;
}

const PROBES = 8;
const PROBE_K = 10;

/**
 * Loads a version aside and tries it before anybody else does.
 * @throws problem('invalid-artifact') with the reason, problem('store-unavailable') when it cannot be read now
 */
export async function loadLiveModel(
  artifacts: Pick<ArtifactStore, 'get'>,
  registered: Pick<RegisteredVersion, 'model' | 'version' | 'artifact' | 'items' | 'dimensions'>,
): Promise<LiveModel> {
  const { manifest, weights, items } = await loadStudent(artifacts, registered.artifact);
  checkRegistered(manifest, registered);
  const rowOf = new Map(items.map((id, row) => [id, row]));
  const scorer = await runInSlices(prepareStudentScorer(weights));
  probe(scorer);
  return {
    name: registered.model,
    version: registered.version,
    artifact: registered.artifact,
    manifest,
    items,
    rowOf,
    scorer,
    fold: createHistoryFold(rowOf, manifest.weighting),
  };
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

/** A few made-up users: weights that are finite one by one can still overflow together. */
function probe(scorer: StudentScorer): void {
  const all = new Float32Array(scorer.items);
  for (let i = 0; i < PROBES; i++) {
    const rows = [Math.floor((i * scorer.items) / PROBES)];
    if (scorer.popularityOrder[i] !== rows[0] && i < scorer.items) rows.push(scorer.popularityOrder[i]);
    const pairWeights = rows.map(() => 1);
    scorer.scoresInto(rows, pairWeights, all);
    if (!all.every(Number.isFinite)) {
      throw problem('invalid-artifact', 'a trial request got scores that are not finite numbers');
    }
    const { length, scores } = scorer.recommend(rows, pairWeights, PROBE_K);
    const sorted = scores.subarray(0, length).every((score, at) => at === 0 || score <= scores[at - 1]);
    if (length !== Math.min(PROBE_K, scorer.items) || !sorted) {
      throw problem('invalid-artifact', 'a trial request got a list that is not in order');
    }
  }
}
