import type { Logger } from '../../core/logger.ts';
import type { Teacher, TrainingContext } from '../../teacher/contract.ts';
import { restoreTeacher, type TrainedSettings, trainTeacher } from '../../teacher/registry.ts';
import type { ReadyTeacher } from '../../teacher/stored/ready.ts';
import { obtain } from '../run/obtain.ts';
import type { Stages } from '../run/stages.ts';
import type { SinglePlan } from './plan-any-teacher.ts';

export interface SingleSetup {
  settings: SinglePlan;
  ready: ReadyTeacher | undefined;
  /** Hash of all that its weights depend on. */
  hash: string;
  stages: Stages;
  /** Name of its checkpoints. */
  stage: string;
  /** The training context, without checkpoints. */
  context: TrainingContext;
  logger: Logger;
}

/** Returns one teacher: one that is ready, one that an earlier job has trained just so, or one that is trained now. */
export async function obtainSingle(setup: SingleSetup): Promise<Teacher> {
  const { settings, ready, hash, stage, stages, context } = setup;
  const { engine } = context;
  if (ready) return ready.create(engine);
  return obtain(setup, {
    hash,
    checkpoint: stage,
    train: (resume) =>
      trainTeacher(settings as TrainedSettings, { ...context, resume, parts: stages.parts?.(hash, engine) }),
    restore: (state) => restoreTeacher(engine, state),
  });
}
