import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { findVersion, noStoredTeacher, type VersionSource } from '../../../artifact/find-version.ts';
import type { ArtifactStore } from '../../../artifact/store/store.ts';
import { type LabelStudent, loadLabelStudent } from '../../../artifact/student/label-student.ts';
import { holdsLabels } from '../../../artifact/student/load-any.ts';
import { loadTeacher, type TeacherAtRest } from '../../../artifact/teacher-files.ts';
import { problem } from '../../../core/errors.ts';
import { hashOf } from '../../../core/hash.ts';
import type { LabelledData } from '../../../dataset/labels.ts';
import type { RegisteredVersion } from '../../../domain/answers/model.ts';
import { type CompleteTeacher, teacherOf } from '../../../domain/teachers/teacher-spec.ts';
import type { TeacherState } from '../../../teacher/contract.ts';
import { mapRows } from '../../../teacher/stored/map-items.ts';
import type { ItemSource } from '../../run/run-options.ts';
import { learnedPairsOf, type VersionThatLearned } from '../../teachers/learned-before.ts';
import { mapCatalogue } from '../../teachers/match-catalogue.ts';
import type { StoredSettings } from '../../teachers/stored-teacher.ts';
import { LABEL_NETWORK } from './network.ts';
import type { LabelSettings } from './plan.ts';

/** A teacher of labels at rest in a version of a model, over the items and labels of its time. */
export interface StoredLabelTeacher extends VersionThatLearned {
  settings: StoredSettings;
  state: TeacherState;
  /** Hash of all that its answers depend on beside the data. */
  hash: string;
  /** The student that the version published; it names the teacher's items, features and labels. */
  previous: LabelStudent;
}

/** @throws problem('invalid-job') for a version that there is not, one without a teacher, or one of other labels */
export async function loadStored(
  spec: CompleteTeacher,
  { of, from }: Pick<LabelSettings['labels'], 'of' | 'from'>,
  { models, artifacts }: { models: VersionSource; artifacts: Pick<ArtifactStore, 'get'> },
): Promise<StoredLabelTeacher> {
  const version = await findVersion(models, teacherOf(spec, 'stored'));
  const { model, artifact } = version;
  const named = `version ${version.version} of ${model}`;
  if (!(await holdsLabels(artifacts, artifact))) {
    throw problem(
      'invalid-job',
      `teacher: ${named} predicts items and no labels of them; name a version of the task multi-label, or {"kind":"multilabel"}`,
    );
  }
  const { manifest, student: previous } = await loadLabelStudent(artifacts, artifact);
  if (previous.of !== of || previous.from !== from) {
    throw problem(
      'invalid-job',
      `teacher: ${named} predicts ${previous.from} of ${previous.of}, and the job learns ${from} of ${of}; name a version with the same labels.of and labels.from`,
    );
  }
  const stored = await loadTeacher(artifacts, artifact);
  if (!stored) throw noStoredTeacher(version);
  return {
    settings: { kind: 'stored', model, version: version.version, part: 'teacher' },
    state: checkState(stored.state, previous, version),
    hash: hashOf('teacher', stored.sha256, manifest.files),
    previous,
    learned: await learnedPairsOf(artifacts, version, { part: 'teacher', of: 'entities' }),
  };
}

const AtRest = Type.Object({
  kind: Type.Literal(LABEL_NETWORK),
  settings: Type.Object({ width: Type.Integer({ minimum: 1 }) }),
  epochs: Type.Integer({ minimum: 1 }),
});
type AtRest = Static<typeof AtRest>;
const validator = Compile(AtRest);

/** @throws problem('invalid-artifact') for a teacher that does not fit its version */
function checkState(
  state: TeacherAtRest,
  { into, labels }: LabelStudent,
  { model, version }: RegisteredVersion,
): TeacherState {
  const refuse = (why: string) =>
    problem(
      'invalid-artifact',
      `the stored teacher of version ${version} of ${model} cannot be used: ${why}`,
    );
  if (!validator.Check(state)) {
    const [first] = validator.Errors(state);
    throw refuse(`${first!.instancePath.slice(1).replaceAll('/', '.')} ${first!.message}`);
  }
  const { width } = (state as AtRest).settings;
  const shapes = {
    into: [into.rows, width],
    bias: [width],
    out: [labels.length, width],
    labelBias: [labels.length],
  };
  for (const [name, shape] of Object.entries(shapes)) {
    const found = (state as TeacherAtRest).tensors[name];
    if (found?.shape.join() !== shape.join()) {
      throw refuse(`${name} is [${found?.shape ?? 'missing'}] where [${shape}] is needed`);
    }
    if (!found.values.every(Number.isFinite)) throw refuse(`${name} holds a number that is not finite`);
  }
  return state as TeacherAtRest as TeacherState;
}

/**
 * Returns the teacher over the items and labels of today: items are found again by their ids, labels by their names, and features are
 * read as it reads them.
 * @throws problem('invalid-job') where it knows none of the items, or not all of the labels
 */
export async function remapTeacher(
  { state, previous, settings }: Pick<StoredLabelTeacher, 'state' | 'previous' | 'settings'>,
  { items, labels }: Pick<LabelledData, 'items' | 'labels'>,
  catalogue: ItemSource,
): Promise<TeacherState> {
  const named = `version ${settings.version} of ${settings.model}`;
  const { map, counts } = await mapCatalogue(previous.items, items, catalogue);
  if (counts.known === 0) {
    throw problem(
      'invalid-job',
      `teacher: none of the ${items.length} items of the data is among the ${previous.items.length} of ${named} (such as ${JSON.stringify(previous.items[0])}; the data has ${JSON.stringify(items[0])}), so it has nothing to teach; name a version that was made from the same items`,
    );
  }
  const places = labels.map((label) => previous.labels.indexOf(label));
  const strange = labels.filter((_, l) => places[l]! < 0).map((label) => JSON.stringify(label));
  if (strange.length > 0) {
    throw problem(
      'invalid-job',
      `teacher: ${named} knows nothing of ${strange.slice(0, 20).join(', ')}; name only labels that it knows in labels.names, or train a teacher with {"kind":"multilabel"}`,
    );
  }
  const { into, bias, out, labelBias } = state.tensors;
  const width = bias!.values.length;
  const said = into!.values.subarray(previous.items.length * width);
  const rows = joined([mapRows(map, into!.values, width), said]);
  const chosen = places.map((place) => out!.values.subarray(place * width, (place + 1) * width));
  return {
    ...state,
    tensors: {
      into: { shape: [rows.length / width, width], values: rows },
      bias: bias!,
      out: { shape: [labels.length, width], values: joined(chosen) },
      labelBias: {
        shape: [labels.length],
        values: Float32Array.from(places, (place) => labelBias!.values[place]!),
      },
    },
  };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let from = 0;
  for (const part of parts) {
    all.set(part, from);
    from += part.length;
  }
  return all;
}
