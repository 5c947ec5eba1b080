import { findVersion, noStoredTeacher } from '../artifact/find-version.ts';
import { readTeacherManifest } from '../artifact/teacher-files.ts';
import type { CompleteDistillation } from '../domain/complete-distillation.ts';
import type { AppDeps } from './deps.ts';

/**
 * The job with the version that its teacher's alias points at now, so that attempts and retries learn from the same one.
 * @throws problem('invalid-job') for a version that there is not, or one without what is to teach
 */
export async function nameTeacher(
  { store, artifacts }: Pick<AppDeps, 'store' | 'artifacts'>,
  spec: CompleteDistillation,
): Promise<CompleteDistillation> {
  const { alias: _, ...teacher } = spec.teacher;
  if (teacher.kind !== 'stored') return spec;
  const found = await findVersion(store.models, spec.teacher);
  const { part = 'teacher' } = teacher;
  if (part === 'teacher' && !(await readTeacherManifest(artifacts, found.artifact))) {
    throw noStoredTeacher(found);
  }
  return { ...spec, teacher: { ...teacher, version: found.version, part } };
}
