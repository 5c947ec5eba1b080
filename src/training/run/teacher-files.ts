import { packTeacher } from '../../artifact/teacher-files.ts';
import type { CompleteDistillation } from '../../domain/jobs/complete-distillation.ts';
import type { TeacherState } from '../../teacher/contract.ts';
import type { Run } from './run.ts';
import { bytesOf } from './stages.ts';

/** A teacher that can be stored with the version, for later jobs to learn from. */
export interface StorableTeacher {
  /** A short name for people, such as "softmax 600". */
  description: string;
  /** Imported lists, which are known by the rows of this data: they stay where they were imported. */
  listed?: unknown;
  /** The teachers that it is made of. */
  members?: readonly { teacher: { description: string; listed?: unknown } }[];
  /** The task that it teaches, where a version has several. */
  task?: string;
  state(): TeacherState;
}

/** Bytes of a teacher that is stored with its version. A closed form can be large, and versions are many. */
function mostBytes({ publish }: CompleteDistillation): number {
  if (publish.teacher === false) return 0;
  return publish.teacher ? 2 ** 30 : 2 ** 28;
}

/** The teachers' files for the artifact. */
export function teacherFiles(
  run: Pick<Run, 'spec' | 'warn'>,
  teachers: readonly StorableTeacher[],
): ReadonlyMap<string, Uint8Array> {
  return new Map(teachers.flatMap((teacher) => [...filesOf(run, teacher)]));
}

/** Returns no files for lists, and none with a warning for a teacher that is too large. */
function filesOf(
  { spec, warn }: Pick<Run, 'spec' | 'warn'>,
  teacher: StorableTeacher,
): ReadonlyMap<string, Uint8Array> {
  const most = mostBytes(spec);
  if (teacher.listed || most === 0) return new Map();
  const ofTask = teacher.task === undefined ? '' : ` of the task ${teacher.task}`;
  const external = teacher.members?.find((member) => member.teacher.listed);
  if (external) {
    warn(
      `The ensemble${ofTask} is not stored with the version, as ${external.teacher.description} is known by the users of this data: a later job cannot learn from it, only from the student`,
    );
    return new Map();
  }
  const state = teacher.state();
  const bytes = bytesOf(state);
  if (bytes <= most) return packTeacher(state, teacher.description, teacher.task);
  warn(
    `The teacher${ofTask} takes ${bytes} bytes and is not stored with the version, as more than ${most} are not (publish.teacher true takes up to ${2 ** 30}): a later job cannot learn from it, only from the student`,
  );
  return new Map();
}
