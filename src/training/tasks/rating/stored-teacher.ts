import type { RatedDataset } from '../../../dataset/ratings.ts';
import type { RatingTeacher } from '../../../teacher/rating/contract.ts';
import { remapSvd, svdModel } from '../../../teacher/rating/svd-state.ts';
import { openSvdTeacher } from '../../../teacher/rating/svd-teacher.ts';
import type { Run } from '../../run/run.ts';
import { learnedPairsOf, type VersionThatLearned } from '../../teachers/learned-before.ts';
import {
  type NamedVersion,
  openVersion,
  readStoredTeacher,
  remapCatalogue,
  type StoredSettings,
} from '../../teachers/stored-teacher.ts';

/** A stored teacher of ratings over the items of today, ready to answer. */
export interface RemappedRatingTeacher extends VersionThatLearned {
  settings: StoredSettings;
  /** A value that says which teacher it is: equal for equal ones. */
  identity: object;
  teacher: RatingTeacher;
  warnings: string[];
}

/**
 * Opens the stored teacher that a job names; undefined where the job trains one.
 * @throws problem('invalid-job') where there is no such teacher, or it predicts no ratings of these items
 */
export async function openStored(
  { spec, store, artifacts }: Pick<Run, 'spec' | 'store' | 'artifacts'>,
  dataset: RatedDataset,
): Promise<RemappedRatingTeacher | undefined> {
  if (spec.teacher.kind !== 'stored') return undefined;
  const version = await openVersion(spec.teacher, { models: store.models, artifacts }, { ratings: true });
  const { settings, student } = version;
  const { state, hash } = await readStoredTeacher(version.version, artifacts);
  const remapped = await remapCatalogue(settings, student.items, dataset.items, store.catalogue);
  const { map, oldRows, unknown, hash: catalogue } = remapped;
  const model = svdModel(state, student.items.length);
  const teacher = openSvdTeacher(catalogue === null ? model : remapSvd(model, map, oldRows));
  return {
    settings,
    learned: await learnedPairsOf(artifacts, version.version, { part: settings.part }),
    identity: { stored: hash, catalogue },
    teacher: { ...teacher, ...(unknown.length > 0 && { unknown }) },
    warnings: scaleWarnings(version, dataset),
  };
}

/** Says what is allowed but should not go unnoticed. */
function scaleWarnings(
  { settings: { model, version }, student }: NamedVersion,
  { scale }: RatedDataset,
): string[] {
  const warnings: string[] = [];
  const { low, high } = student.weights.rating!;
  if (low !== scale.low || high !== scale.high) {
    warnings.push(
      `Version ${version} of ${model} learned ratings from ${low} to ${high}, and those of this job go from ${scale.low} to ${scale.high}: its predictions are taken as they are`,
    );
  }
  return warnings;
}
