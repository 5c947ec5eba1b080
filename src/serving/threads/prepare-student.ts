import type { ArtifactStore } from '../../artifact/store/store.ts';
import { type LoadedStudent, loadStudent } from '../../artifact/student/load.ts';
import type { Manifest } from '../../artifact/student/manifest.ts';
import type { StudentWeights } from '../../artifact/student/student-weights.ts';
import { runInSlices, type Sliced } from '../../core/slices.ts';
import { checkProbes, tryScorer } from '../../scoring/probes.ts';
import { indexRows, type RowIndex } from '../../scoring/row-index.ts';
import { openStudentScorer, type PackedStudent, packStudentRows } from '../../scoring/student-scorer.ts';

/** An artifact, read, packed and tried. */
export interface PreparedStudent {
  manifest: Manifest;
  weights: StudentWeights;
  items: readonly string[];
  rowOf: RowIndex;
  packed: PackedStudent;
}

/**
 * Prepares in the event loop: packing and trying in slices, reading at once, which is fine for catalogues that are not large.
 * @param scratches scans that may run at the same time
 * @throws problem('invalid-artifact') with the reason, problem('store-unavailable') when it cannot be read now
 */
export async function prepareStudent(
  artifacts: Pick<ArtifactStore, 'get'>,
  key: string,
  scratches: number,
): Promise<PreparedStudent> {
  return runInSlices(packAndTry(await loadStudent(artifacts, key), scratches));
}

export function* packAndTry(
  { manifest, weights, items, probes }: LoadedStudent,
  scratches: number,
): Sliced<PreparedStudent> {
  const rowOf = yield* indexRows(items);
  const packed = yield* packStudentRows(weights, scratches);
  const scorer = openStudentScorer(weights, packed);
  yield* tryScorer(scorer);
  yield* checkProbes(scorer, rowOf, probes);
  return { manifest, weights, items, rowOf, packed };
}
