import type { ArtifactStore } from '../../artifact/store/store.ts';
import { loadTeacher } from '../../artifact/teacher-files.ts';
import { AppError, messageOf } from '../../core/errors.ts';
import type { RegisteredVersion } from '../../domain/answers/model.ts';
import type { LiveModel } from '../../serving/models/live-model.ts';
import type { Teacher, TeacherState } from '../../teacher/contract.ts';
import { restoreTeacher } from '../../teacher/registry.ts';
import type { Engine } from '../../tensor/engine.ts';

export interface TeacherSources {
  artifacts: ArtifactStore;
  /** Made when there is a teacher to ask. */
  engine: () => Promise<Engine>;
}

export interface StoredRanker {
  teacher: Teacher;
  dispose(): void;
}

/**
 * Opens the teacher that lies in the artifact of a version, over the items of its training.
 * @returns a note where there is none that can be asked
 */
export async function openTeacher(
  version: RegisteredVersion,
  live: LiveModel,
  { artifacts, engine }: TeacherSources,
): Promise<StoredRanker | { note: string }> {
  const note = (why: string) => ({
    note: `The teacher of version ${version.version} is not asked, so that nothing is said of what the version keeps of it: ${why}.`,
  });
  if (live.tasks.length > 1) return note('the version has several tasks, with a teacher each');
  if (live.manifest.features?.users) return note('it reads features of users');
  try {
    const stored = await loadTeacher(artifacts, version.artifact);
    if (!stored) return note('none is stored with the version');
    const teacher = restoreTeacher(await engine(), stored.state as TeacherState);
    if (!teacher.listed) return { teacher, dispose: () => teacher.dispose() };
    teacher.dispose();
    return note('it is lists that were made elsewhere, and says nothing of histories');
  } catch (error) {
    if (error instanceof AppError && error.code === 'invalid-artifact') return note(messageOf(error));
    throw error;
  }
}
