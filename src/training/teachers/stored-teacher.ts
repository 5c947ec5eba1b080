import { findVersion, noStoredTeacher, type VersionSource } from '../../artifact/find-version.ts';
import type { ArtifactStore } from '../../artifact/store/store.ts';
import { type LoadedStudent, loadStudent } from '../../artifact/student/load.ts';
import { holdsLabels } from '../../artifact/student/load-any.ts';
import { studentOfTask } from '../../artifact/student/student-weights.ts';
import { loadTeacher } from '../../artifact/teacher-files.ts';
import { problem } from '../../core/errors.ts';
import type { RegisteredVersion } from '../../domain/answers/model.ts';
import type { CompleteDistillation } from '../../domain/jobs/complete-distillation.ts';
import { findKind, type StoredSpec } from '../../domain/teachers/teacher-spec.ts';
import type { TeacherState } from '../../teacher/contract.ts';
import { restoreTeacher } from '../../teacher/registry.ts';
import type { GivenTeacher } from '../../teacher/stored/given.ts';
import { studentState } from '../../teacher/stored/old-student.ts';
import { remapState } from '../../teacher/stored/remapped.ts';
import type { ItemSource } from '../run/run-options.ts';
import { hashOf } from '../run/stages.ts';
import { type MappedCatalogue, mapCatalogue } from './match-catalogue.ts';

/** The teacher of a job that names a version of a model. */
export interface StoredSettings {
  kind: 'stored';
  model: string;
  version: number;
  part: 'teacher' | 'student';
}

/** A version that teaches its successor. */
export interface StoredTeacher {
  settings: StoredSettings;
  state: TeacherState;
  /** Of everything that its answers depend on. */
  hash: string;
  /** What the version published, as it is served. */
  previous: LoadedStudent;
  /** Whether its models were trained on all data, the test pairs of its time too. */
  refitted: boolean;
}

interface Sources {
  models: VersionSource;
  artifacts: Pick<ArtifactStore, 'get'>;
}

/**
 * @throws problem('invalid-job') for a version that there is not, or one without a stored teacher
 */
export async function loadStored(
  { teacher: spec, task }: Pick<CompleteDistillation, 'task'> & { teacher: StoredSpec },
  { models, artifacts }: Sources,
): Promise<StoredTeacher> {
  const version = await findVersion(models, spec);
  if (await holdsLabels(artifacts, version.artifact)) {
    throw problem(
      'invalid-job',
      `teacher: version ${version.version} of ${version.model} predicts labels, which says nothing of what a user takes next; name a version of another task`,
    );
  }
  const loaded = await loadStudent(artifacts, version.artifact);
  if (loaded.weights.rating) {
    throw problem(
      'invalid-job',
      `teacher: version ${version.version} of ${version.model} predicts ratings, which says nothing of what a user takes next; name a version of another task`,
    );
  }
  // Of several tasks the first, which is served where no task is asked for.
  const previous = { ...loaded, weights: studentOfTask(loaded.weights, 0) };
  const settings: StoredSettings = {
    kind: 'stored',
    model: version.model,
    version: version.version,
    part: spec.part ?? 'teacher',
  };
  const found = await readPart(settings.part, version, previous, artifacts);
  refuseWithoutOrder(settings, found.state, task);
  const report = JSON.parse((await artifacts.get(`${version.artifact}/report.json`)).toString('utf8'));
  return {
    settings,
    previous,
    refitted: report.settings?.refit === true,
    ...found,
  };
}

function refuseWithoutOrder({ model, version }: StoredSettings, state: TeacherState, task: string): void {
  const inner = state.settings.inner as { kind?: string } | undefined;
  const kind = inner?.kind ?? state.kind;
  if (task === 'sequential' || findKind(kind)?.task !== 'sequential') return;
  throw problem(
    'invalid-job',
    `teacher: that of version ${version} of ${model} is ${kind}, which reads the order of the histories; add "task":"sequential"`,
  );
}

async function readPart(
  part: StoredSettings['part'],
  version: RegisteredVersion,
  { manifest, weights }: LoadedStudent,
  artifacts: Pick<ArtifactStore, 'get'>,
): Promise<Pick<StoredTeacher, 'state' | 'hash'>> {
  if (part === 'student') {
    if (weights.encoder || weights.recency !== undefined) {
      throw problem(
        'invalid-job',
        `teacher.part student: the student of version ${version.version} of ${version.model} goes by the order of the history, which only teachers can pass on; leave out teacher.part`,
      );
    }
    return { state: studentState(weights), hash: hashOf('student', manifest.files) };
  }
  const stored = await loadTeacher(artifacts, version.artifact);
  if (!stored) throw noStoredTeacher(version);
  return { state: stored.state as TeacherState, hash: hashOf('teacher', stored.sha256) };
}

export interface CarriedTeacher extends GivenTeacher, Pick<MappedCatalogue, 'oldRows' | 'counts'> {}

/**
 * The teacher for the catalogue of today: rows are found again by item id.
 * @throws problem('invalid-job') where no item of the data is one of the teacher's
 */
export async function carryOver(
  { state, hash, previous, settings }: StoredTeacher,
  items: readonly string[],
  source: ItemSource,
): Promise<CarriedTeacher> {
  const { map, oldRows, counts } = await mapCatalogue(previous.items, items, source);
  if (counts.known === 0) {
    throw problem(
      'invalid-job',
      `teacher: none of the ${items.length} items of the data is among the ${previous.items.length} of version ${settings.version} of ${settings.model} (such as ${JSON.stringify(previous.items[0])}; the data has ${JSON.stringify(items[0])}), so it has nothing to teach; name a version that was made from the same items`,
    );
  }
  const isSame =
    items.length === previous.items.length && items.every((id, row) => id === previous.items[row]);
  const mapped = isSame ? state : remapState(state, map);
  const unknown = Int32Array.from(oldRows.keys()).filter((item) => oldRows[item]! < 0);
  return {
    identity: {
      stored: hash,
      catalogue: isSame ? null : hashOf([...map.indptr], [...map.indices], [...map.values]),
    },
    create: (engine) => ({ ...restoreTeacher(engine, mapped), ...(unknown.length > 0 && { unknown }) }),
    oldRows,
    counts,
  };
}
