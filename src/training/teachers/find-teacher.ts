import type { CompleteDistillation } from '../../domain/jobs/complete-distillation.ts';
import { planExternal } from '../../teacher/kinds/external.ts';
import type { RunOptions } from '../run/run-options.ts';
import { type ImportedTeacher, openImportedTeacher } from './external-teacher.ts';
import type { Renewal } from './renewal.ts';
import { loadStored, type RemappedTeacher, remapTeacher, type StoredTeacher } from './stored-teacher.ts';

/** A teacher that was found and so need not be trained; empty where the job trains its teacher. */
export interface FoundTeacher {
  /** The teacher that answers: the imported or the remapped one below. */
  ready?: ImportedTeacher | RemappedTeacher;
  imported?: ImportedTeacher;
  stored?: StoredTeacher;
  remapped?: RemappedTeacher;
  /** The stored teacher where the job trains it on; it is not `ready` then. */
  renewal?: Renewal;
  /** The members of an ensemble, whose own fields are left out. */
  members?: FoundTeacher[];
}

/**
 * The teacher of a job, or of one of its tasks, that was imported or is stored with a version, over the job's users and items;
 * of an ensemble its members.
 * @param task name of the task that it is to teach, where the job has several
 * @throws problem('invalid-job') where there is no such teacher, or it has too little in common with the data
 */
export async function findTeacher(
  { store, artifacts }: Pick<RunOptions, 'store' | 'artifacts'>,
  spec: CompleteDistillation,
  dataset: { users: string[]; items: string[] },
  task?: string,
): Promise<FoundTeacher> {
  const { teacher } = spec;
  if (teacher.kind === 'external') {
    const settings = planExternal(teacher);
    const imported = await openImportedTeacher(settings, dataset, store.externalTeachers, artifacts);
    return { ready: imported, imported };
  }
  if (teacher.kind === 'ensemble') {
    const members: FoundTeacher[] = [];
    for (const { weight: _, ...member } of teacher.members) {
      members.push(await findTeacher({ store, artifacts }, { ...spec, teacher: member }, dataset, task));
    }
    return { members };
  }
  if (teacher.kind !== 'stored') return {};
  const stored = await loadStored({ ...spec, teacher }, { models: store.models, artifacts }, task);
  const remapped = await remapTeacher(stored, dataset.items, store.catalogue);
  if (stored.settings.part !== 'renewed') return { ready: remapped, stored, remapped };
  const { popularity } = stored.previous.weights;
  return { stored, remapped, renewal: { state: stored.state, oldRows: remapped.oldRows, popularity } };
}

/** Names of imported teachers, also of members. */
export function importedOf({ teacher }: Pick<CompleteDistillation, 'teacher'>): string[] {
  const members = teacher.kind === 'ensemble' ? teacher.members : [teacher];
  return members.flatMap((one) => (one.kind === 'external' ? [one.name] : []));
}

/** The versions that teach, also as a member. */
export function storedOf({ stored, members = [] }: FoundTeacher): StoredTeacher[] {
  return [...(stored ? [stored] : []), ...members.flatMap(storedOf)];
}
