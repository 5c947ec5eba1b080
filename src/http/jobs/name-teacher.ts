import { findVersion, noStoredTeacher } from '../../artifact/find-version.ts';
import { readTeacherManifest } from '../../artifact/teacher-files.ts';
import { AppError, problem } from '../../core/errors.ts';
import type { CompleteDistillation } from '../../domain/jobs/complete-distillation.ts';
import type { MemberSpec } from '../../domain/teachers/several/ensemble.ts';
import type { SingleSpec } from '../../domain/teachers/single.ts';
import { completeTeacher, type StoredSpec, type TeacherSpec } from '../../domain/teachers/teacher-spec.ts';
import type { Store } from '../../store/store.ts';
import type { AppDeps } from '../deps.ts';

type Deps = Pick<AppDeps, 'store' | 'artifacts'>;

/**
 * The job with the versions that its teachers' aliases point at now, so that attempts and retries learn from the same ones:
 * its own teacher, those of its tasks, and the members of each.
 * @throws problem('invalid-job') that names the field, for a version or an imported teacher that there is not, or a version
 * without what is to teach
 */
export async function nameTeachers(deps: Deps, spec: CompleteDistillation): Promise<CompleteDistillation> {
  const { tasks } = spec;
  const teacher = await nameAny(deps, spec.teacher, 'teacher');
  if (!tasks) return { ...spec, teacher: completeTeacher(teacher) };
  const named: NonNullable<CompleteDistillation['tasks']> = [];
  for (const [i, task] of tasks.entries()) {
    named.push(
      task.teacher ? { ...task, teacher: await nameAny(deps, task.teacher, `tasks[${i}].teacher`) } : task,
    );
  }
  return { ...spec, teacher: completeTeacher(teacher), tasks: named };
}

/** @param field the teacher's, as the job says it */
async function nameAny(deps: Deps, spec: TeacherSpec, field: string): Promise<TeacherSpec> {
  const teacher = completeTeacher(spec);
  try {
    if (teacher.kind === 'stored') return await nameVersion(deps, teacher);
    if (teacher.kind === 'external') await requireImported(deps.store, teacher.name);
  } catch (error) {
    if (field === 'teacher' || !(error instanceof AppError)) throw error;
    throw problem(error.code, error.detail.replace(/^teacher\b/, field), error.extra);
  }
  if (teacher.kind !== 'ensemble') return spec;
  const members: MemberSpec[] = [];
  for (const [i, { weight, ...member }] of teacher.members.entries()) {
    const named = await nameAny(deps, member, `${field}.members[${i}]`);
    members.push({ ...(named as SingleSpec), ...(weight !== undefined && { weight }) });
  }
  return { ...teacher, members };
}

async function nameVersion(
  { store, artifacts }: Deps,
  { alias, ...teacher }: StoredSpec,
): Promise<StoredSpec> {
  const found = await findVersion(store.models, { ...teacher, ...(alias !== undefined && { alias }) });
  const { part = 'teacher' } = teacher;
  if (part === 'teacher' && !(await readTeacherManifest(artifacts, found.artifact))) {
    throw noStoredTeacher(found);
  }
  return { ...teacher, version: found.version, part };
}

/** An import that is still queued or running may bring it: the trainer decides then. */
async function requireImported(store: Pick<Store, 'jobs' | 'externalTeachers'>, name: string): Promise<void> {
  if ((await store.jobs.countUnfinished('import')) > 0) return;
  if (await store.externalTeachers.get(name)) return;
  const names = (await store.externalTeachers.list()).map((one) => one.name);
  throw problem(
    'invalid-job',
    `teacher.name: there is no external teacher ${name}; there are: ${names.join(', ') || 'none'}. POST /imports?kind=teacher brings one.`,
  );
}
