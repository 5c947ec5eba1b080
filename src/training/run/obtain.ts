import type { TeacherState, TrainingContext } from '../../teacher/contract.ts';
import type { Run } from './run.ts';

/** A teacher that a job trains unless an earlier one has. */
export interface TeacherJob<T> {
  /** Hash of all that its weights depend on. */
  hash: string;
  /** Name of its checkpoints. */
  checkpoint: string;
  train(resume: NonNullable<TrainingContext['resume']>): Promise<T>;
  restore(state: TeacherState): T;
}

/** The teacher that an earlier job has trained just so, or one that is trained now and kept for the jobs to come. */
export async function obtain<T extends { state(): TeacherState }>(
  { stages, logger }: Pick<Run, 'stages' | 'logger'>,
  { hash, checkpoint, train, restore }: TeacherJob<T>,
): Promise<T> {
  const kept = await stages.loadTeacher(hash);
  if (kept) {
    logger.info({ teacherHash: hash }, 'this teacher was trained before');
    return restore(kept);
  }
  const trained = await train(await stages.resume(checkpoint, hash));
  await stages.saveTeacher(hash, trained.state());
  return trained;
}
