import { findVersion, noStoredTeacher } from '../../artifact/find-version.ts';
import { findStoredTeacher } from '../../artifact/teacher-files.ts';
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
  if (!tasks) return { ...spec, teacher: completeTeacher(await nameAny(deps, spec.teacher, 'teacher')) };
  let teacher: TeacherSpec = spec.teacher;
  const named: NonNullable<CompleteDistillation['tasks']> = [];
  for (const [i, task] of tasks.entries()) {
    const { name, teacher: own } = task;
    // Named once: the next task that has none of its own looks into the same version.
    if (!own) teacher = await nameAny(deps, teacher, 'teacher', name);
    named.push(own ? { ...task, teacher: await nameAny(deps, own, `tasks[${i}].teacher`, name) } : task);
  }
  return { ...spec, teacher: completeTeacher(teacher), tasks: named };
}

/**
 * @param field the teacher's, as the job says it
 * @param task name of the task that it is to teach, where the job has several
 */
async function nameAny(deps: Deps, spec: TeacherSpec, field: string, task?: string): Promise<TeacherSpec> {
  const teacher = completeTeacher(spec);
  try {
    if (teacher.kind === 'stored') return await nameVersion(deps, teacher, task);
    if (teacher.kind === 'external') await requireImported(deps.store, teacher.name);
  } catch (error) {
    if (field === 'teacher' || !(error instanceof AppError)) throw error;
    throw problem(error.code, error.detail.replace(/^teacher\b/, field), error.extra);
  }
  if (teacher.kind !== 'ensemble') return spec;
  const members: MemberSpec[] = [];
  for (const [i, { weight, ...member }] of teacher.members.entries()) {
    const named = await nameAny(deps, member, `${field}.members[${i}]`, task);
    members.push({ ...(named as SingleSpec), ...(weight !== undefined && { weight }) });
  }
  return { ...teacher, members };
}

async function nameVersion(
  { store, artifacts }: Deps,
  { alias, ...teacher }: StoredSpec,
  task: string | undefined,
): Promise<StoredSpec> {
  const found = await findVersion(store.models, { ...teacher, ...(alias !== undefined && { alias }) });
  const { part = 'teacher' } = teacher;
  if (part !== 'student' && !(await findStoredTeacher(artifacts, found.artifact, task))) {
    throw noStoredTeacher(found, task);
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
