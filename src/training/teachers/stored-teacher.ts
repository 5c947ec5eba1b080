import { findVersion, noStoredTeacher, type VersionSource } from '../../artifact/find-version.ts';
import type { ArtifactStore } from '../../artifact/store/store.ts';
import { type LoadedStudent, loadStudent } from '../../artifact/student/load.ts';
import { holdsLabels } from '../../artifact/student/load-any.ts';
import { studentOfTask } from '../../artifact/student/student-weights.ts';
import { loadTeacher } from '../../artifact/teacher-files.ts';
import { problem } from '../../core/errors.ts';
import { hashOf } from '../../core/hash.ts';
import type { RegisteredVersion } from '../../domain/answers/model.ts';
import type { CompleteDistillation } from '../../domain/jobs/complete-distillation.ts';
import { findKind, type StoredSpec } from '../../domain/teachers/teacher-spec.ts';
import type { TeacherState } from '../../teacher/contract.ts';
import { restoreTeacher } from '../../teacher/registry.ts';
import { replaceMembers } from '../../teacher/several/ensemble.ts';
import { studentState } from '../../teacher/stored/old-student.ts';
import type { ReadyTeacher } from '../../teacher/stored/ready.ts';
import { remapState } from '../../teacher/stored/remapped.ts';
import type { ItemSource } from '../run/run-options.ts';
import { learnedPairsOf, type VersionThatLearned } from './learned-before.ts';
import { type MappedCatalogue, mapCatalogue } from './match-catalogue.ts';

/** The teacher of a job that names a version of a model. */
export interface StoredSettings {
  kind: 'stored';
  model: string;
  version: number;
  part: 'teacher' | 'student' | 'renewed';
}

/** A teacher at rest in a version of a model, over the items of its time. */
export interface StoredTeacher extends VersionThatLearned {
  settings: StoredSettings;
  state: TeacherState;
  /** Hash of all that its answers depend on. */
  hash: string;
  /** Key of the version's artifact. */
  artifact: string;
  /** The student that the version published, as it is served. */
  previous: LoadedStudent;
  /** Histories that it reads, of a teacher of one of several tasks: as there with two members, see `Reader`. */
  reads: 'own' | 'all';
}

interface Sources {
  models: VersionSource;
  artifacts: Pick<ArtifactStore, 'get'>;
}

/** A version that a job names as its teacher. */
export interface NamedVersion extends Pick<StoredTeacher, 'settings'> {
  version: RegisteredVersion;
  student: LoadedStudent;
}

/**
 * Opens the version that a job names.
 * @param ratings whether it must predict ratings; else it must rank items
 * @throws problem('invalid-job') for a version that there is not, or one of another task
 */
export async function openVersion(
  spec: StoredSpec,
  { models, artifacts }: Sources,
  { ratings }: { ratings: boolean },
): Promise<NamedVersion> {
  const version = await findVersion(models, spec);
  const { artifact } = version;
  const refuse = (predicts: string) => {
    const nothing = ratings
      ? 'how a user rates; name a version of the task rating'
      : 'what a user takes next; name a version of another task';
    return problem(
      'invalid-job',
      `teacher: version ${version.version} of ${version.model} ${predicts}, which says nothing of ${nothing}`,
    );
  };
  if (await holdsLabels(artifacts, artifact)) throw refuse('predicts labels');
  const student = await loadStudent(artifacts, artifact);
  if (student.weights.rating && !ratings) throw refuse('predicts ratings');
  if (!student.weights.rating && ratings) throw refuse('ranks items');
  const { model, version: number } = version;
  return {
    settings: { kind: 'stored', model, version: number, part: spec.part ?? 'teacher' },
    version,
    student,
  };
}

/**
 * @param taught name of the task that it is to teach, where the job has several
 * @throws problem('invalid-job') for a version that there is not, or one without a stored teacher
 */
export async function loadStored(
  { teacher, task }: Pick<CompleteDistillation, 'task'> & { teacher: StoredSpec },
  sources: Sources,
  taught?: string,
): Promise<StoredTeacher> {
  const { settings, version, student } = await openVersion(teacher, sources, { ratings: false });
  // Of several tasks that of the same name, or the first, which is served where no task is asked for.
  const named = student.weights.heads?.findIndex((head) => head.task === taught) ?? 0;
  const head = Math.max(0, named);
  const previous = { ...student, weights: studentOfTask(student.weights, head) };
  const found = await readPart(settings.part, version, previous, sources.artifacts, { head, taught, task });
  refuseWithoutOrder(settings, found.state, task);
  if (settings.part === 'renewed') refuseUntrained(settings, found.state);
  const which = { task: taught, part: settings.part };
  const learned = await learnedPairsOf(sources.artifacts, version, which);
  return { settings, artifact: version.artifact, previous, learned, reads: readsOf(found.state), ...found };
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

/** Only what a job trained can be trained on. */
function refuseUntrained({ model, version }: StoredSettings, { kind, settings }: TeacherState): void {
  const members = Array.isArray(settings.members) ? settings.members : [];
  const kinds = [kind, ...members.map((member) => String(member.kind))];
  const untrained = kinds.find((one) => one !== 'ensemble' && findKind(one)?.origin !== 'trained');
  if (untrained === undefined) return;
  throw problem(
    'invalid-job',
    `teacher.part renewed: the teacher of version ${version} of ${model} is ${untrained}, which its job did not train, so it cannot be trained on; name a version whose job trained its teacher, or use "part":"teacher"`,
  );
}

async function readPart(
  part: StoredSettings['part'],
  version: RegisteredVersion,
  { manifest, weights }: LoadedStudent,
  artifacts: Pick<ArtifactStore, 'get'>,
  { head, taught, task }: { head: number; taught: string | undefined; task: CompleteDistillation['task'] },
): Promise<Pick<StoredTeacher, 'state' | 'hash'>> {
  if (part === 'student') {
    // A ranking's histories have their older items weigh less already.
    const isFaded = task === 'single-label' && taught === undefined;
    if (weights.encoder || (weights.recency !== undefined && !isFaded)) {
      throw problem(
        'invalid-job',
        `teacher.part student: the student of version ${version.version} of ${version.model} goes by the order of the history, which only teachers can pass on; leave out teacher.part`,
      );
    }
    return { state: studentState(weights), hash: hashOf('student', manifest.files, head) };
  }
  return readStoredTeacher(version, artifacts, taught);
}

/**
 * @param taught name of the task that it is to teach, where the job has several
 * @throws problem('invalid-job') where none is stored
 */
export async function readStoredTeacher(
  version: RegisteredVersion,
  artifacts: Pick<ArtifactStore, 'get'>,
  taught?: string,
): Promise<Pick<StoredTeacher, 'state' | 'hash'>> {
  const stored = await loadTeacher(artifacts, version.artifact, taught);
  if (!stored) throw noStoredTeacher(version, taught);
  const { state, sha256 } = stored;
  // The shares of an ensemble's members are in its settings.
  return { state: state as TeacherState, hash: hashOf('teacher', sha256, state.settings) };
}

function readsOf({ kind, settings }: TeacherState): StoredTeacher['reads'] {
  const { reads = 'own', members } = settings;
  const isPair = kind === 'ensemble' && Array.isArray(members) && members.length === 2;
  if (reads === 'own' || (reads === 'all' && isPair)) return reads;
  throw problem(
    'invalid-artifact',
    `the stored teacher cannot be used: settings.reads ${JSON.stringify(reads)} must be own, or all for an ensemble of two members`,
  );
}

/** A stored teacher over the items of today, ready to answer. */
export interface RemappedTeacher extends ReadyTeacher, Pick<MappedCatalogue, 'oldRows' | 'counts'> {}

/** An earlier catalogue in terms of today's: rows are found again by item id. */
export interface RemappedCatalogue extends MappedCatalogue {
  /** Hash of what stands for what; null where the catalogue is still the same. */
  hash: string | null;
  /** Items that the earlier catalogue does not have, ascending. */
  unknown: Int32Array;
}

/** @throws problem('invalid-job') where no item of the data is one of the teacher's */
export async function remapCatalogue(
  { model, version }: StoredSettings,
  before: readonly string[],
  items: readonly string[],
  source: ItemSource,
): Promise<RemappedCatalogue> {
  const mapped = await mapCatalogue(before, items, source);
  const { map, oldRows, counts } = mapped;
  if (counts.known === 0) {
    throw problem(
      'invalid-job',
      `teacher: none of the ${items.length} items of the data is among the ${before.length} of version ${version} of ${model} (such as ${JSON.stringify(before[0])}; the data has ${JSON.stringify(items[0])}), so it has nothing to teach; name a version that was made from the same items`,
    );
  }
  const isSame = items.length === before.length && items.every((id, row) => id === before[row]);
  return {
    ...mapped,
    hash: isSame ? null : hashOf([...map.indptr], [...map.indices], [...map.values]),
    unknown: Int32Array.from(oldRows.keys()).filter((item) => oldRows[item]! < 0),
  };
}

/**
 * Returns a stored teacher over the items of today.
 * @throws problem('invalid-job') where no item of the data is one of the teacher's
 */
export async function remapTeacher(
  { state, hash, previous, settings, reads }: StoredTeacher,
  items: readonly string[],
  source: ItemSource,
): Promise<RemappedTeacher> {
  const remapped = await remapCatalogue(settings, previous.items, items, source);
  const { map, oldRows, counts, unknown, hash: catalogue } = remapped;
  const remap = (one: TeacherState) => remapState(one, map);
  // Members that read other histories are asked one by one, so that each must be there by itself.
  const everywhere = () => (reads === 'all' ? replaceMembers(state, remap) : remap(state));
  const mapped = catalogue === null ? state : everywhere();
  return {
    identity: { stored: hash, catalogue },
    create: (engine) => ({ ...restoreTeacher(engine, mapped), ...(unknown.length > 0 && { unknown }) }),
    oldRows,
    counts,
  };
}
