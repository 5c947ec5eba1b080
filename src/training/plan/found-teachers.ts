import { findVersion, type VersionSource } from '../../artifact/find-version.ts';
import type { ArtifactStore } from '../../artifact/store/store.ts';
import { MANIFEST_FILE } from '../../artifact/student/student-tensors.ts';
import type { CompleteDistillation } from '../../domain/jobs/complete-distillation.ts';
import type { FoundTeacher } from '../teachers/find-teacher.ts';
import type { StoredSettings, StoredTeacher } from '../teachers/stored-teacher.ts';

interface Sources {
  models: VersionSource;
  artifacts: Pick<ArtifactStore, 'get'>;
}

/**
 * Finds what a plan asks of teachers that no job trains: which they are, and the shape of a published student. Their weights, which may be
 * large, are not read.
 * @throws problem('invalid-job') where there is no such version
 */
export async function namedTeachers(
  { teacher }: Pick<CompleteDistillation, 'teacher'>,
  sources: Sources,
): Promise<FoundTeacher> {
  if (teacher.kind === 'ensemble') {
    const members: FoundTeacher[] = [];
    for (const { weight: _, ...member } of teacher.members) {
      members.push(await namedTeachers({ teacher: member }, sources));
    }
    return { members };
  }
  if (teacher.kind === 'external') return { imported: {} as NonNullable<FoundTeacher['imported']> };
  if (teacher.kind !== 'stored') return {};
  const { model, part = 'teacher' } = teacher;
  const found = await findVersion(sources.models, {
    ...{ model, ...(teacher.version !== undefined && { version: teacher.version }) },
    ...(teacher.alias !== undefined && { alias: teacher.alias }),
  });
  const settings: StoredSettings = { kind: 'stored', model, version: found.version, part };
  const manifest = JSON.parse((await sources.artifacts.get(`${found.artifact}/${MANIFEST_FILE}`)).toString());
  // Of a stored teacher plans read these two alone.
  const stored: Pick<StoredTeacher, 'settings'> & { previous: { manifest: unknown } } = {
    settings,
    previous: { manifest },
  };
  return { stored: stored as StoredTeacher };
}
