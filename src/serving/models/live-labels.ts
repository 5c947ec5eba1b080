import type { ArtifactStore } from '../../artifact/store/store.ts';
import type { LabelManifest } from '../../artifact/student/label-manifest.ts';
import { type LabelStudent, loadLabelStudent } from '../../artifact/student/label-student.ts';
import { problem } from '../../core/errors.ts';
import { runInSlices } from '../../core/slices.ts';
import type { RegisteredVersion } from '../../domain/answers/model.ts';
import type { Installed } from '../../domain/data/weighting.ts';
import { createEncoder, type Encoder } from '../../features/encoding.ts';
import { createLabelScorer, type LabelScorer } from '../../scoring/label-scorer.ts';
import { indexRows, type RowIndex } from '../../scoring/row-index.ts';
import { createHistoryFold, type HistoryFold } from '../caches/history.ts';
import { checkRegistered, type LiveVersion } from './live-version.ts';

/** One version of a model that predicts labels, ready to answer. Immutable but for its scorer's working memory. */
export interface LiveLabels extends LiveVersion {
  kind: 'labels';
  manifest: LabelManifest;
  student: LabelStudent;
  scorer: LabelScorer;
  rowOf: RowIndex;
  fold: HistoryFold;
  /** Null where behaviour alone is read. */
  encode: Encoder | null;
}

/** Text, its place in the map and what is kept of the row. */
const BYTES_PER_ID = 200;
const TRIALS = 8;

/**
 * Loads a version aside and tries it before anybody else does.
 * @throws problem('invalid-artifact') with the reason, problem('store-unavailable') when it cannot be read now
 */
export async function loadLiveLabels(
  artifacts: Pick<ArtifactStore, 'get'>,
  registered: Pick<RegisteredVersion, 'model' | 'version' | 'artifact' | 'items' | 'dimensions'>,
  installed?: () => Installed,
): Promise<LiveLabels> {
  const { model, version, artifact } = registered;
  const { manifest, student } = await loadLabelStudent(artifacts, artifact);
  checkRegistered(manifest, registered);
  const scorer = createLabelScorer(student);
  tryScorer(scorer, student);
  const rowOf = await runInSlices(indexRows(student.items));
  const { items, into, labels } = student;
  return {
    kind: 'labels',
    name: model,
    version,
    artifact,
    manifest,
    student,
    scorer,
    rowOf,
    fold: createHistoryFold(rowOf, manifest.weighting, { ...(installed && { installed }) }),
    encode: student.encoding && createEncoder(student.encoding),
    bytes: items.length * (2 * into.width + BYTES_PER_ID) + labels.length * BYTES_PER_ID,
  };
}

/** Numbers that are finite one by one can still overflow together. */
function tryScorer(scorer: LabelScorer, { items }: LabelStudent): void {
  for (let i = 0; i < TRIALS; i++) {
    const row = Math.floor((i * items.length) / TRIALS);
    const said = scorer.probabilities({ row, behaviour: { rows: [row], weights: [1] } });
    if (said.every((p) => p >= 0 && p <= 1)) continue;
    throw problem('invalid-artifact', 'a trial request got probabilities that are no numbers from 0 to 1');
  }
}
