import { problem } from '../../../core/errors.ts';
import type { NamedTask } from '../../../domain/tasks/tasks-spec.ts';
import type { StorableTeacher } from '../../run/teacher-files.ts';
import { type FoundTeacher, storedOf } from '../../teachers/find-teacher.ts';
import type { TaskTeacher } from './teach.ts';

/** One task's teacher as it is stored with the version, without the users' pairs by which its readers look at histories. */
export function storableTeacher({ teacher, readers }: TaskTeacher, task: string): StorableTeacher {
  return {
    task,
    description: teacher.description,
    ...(teacher.listed && { listed: teacher.listed }),
    members: readers.flatMap((reader) => reader.teacher.members ?? []),
    state() {
      const state = teacher.state();
      return readers.length === 1 ? state : { ...state, settings: { ...state.settings, reads: 'all' } };
    },
  };
}

/**
 * A stored teacher reads what it was trained to read.
 * @throws problem('invalid-job') for a job that wants it to read something else
 */
export function refuseReading(found: FoundTeacher, { reads }: NamedTask, place: number): void {
  const { stored, members = [] } = found;
  if (stored?.reads === 'all' && reads === 'own') {
    throw problem(
      'invalid-job',
      `tasks[${place}].reads own does not go with a stored teacher that was trained to read all behaviours; leave it out`,
    );
  }
  const member = members.findIndex((one) => storedOf(one).some((version) => version.reads === 'all'));
  if (member < 0) return;
  throw problem(
    'invalid-job',
    `tasks[${place}].teacher.members[${member}] is a stored teacher that reads all behaviours, which an ensemble does not hand to it; take it alone, or a version whose task was trained with "reads":"own"`,
  );
}
