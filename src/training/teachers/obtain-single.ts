import type { Logger } from '../../core/logger.ts';
import type { Teacher, TrainingContext } from '../../teacher/contract.ts';
import { restoreTeacher, type TrainedSettings, trainTeacher } from '../../teacher/registry.ts';
import type { GivenTeacher } from '../../teacher/stored/given.ts';
import type { Stages } from '../run/stages.ts';
import type { SinglePlan } from '../tasks/ranking/plan.ts';

export interface SingleSetup {
  settings: SinglePlan;
  given: GivenTeacher | undefined;
  /** Of everything that its weights depend on. */
  hash: string;
  stages: Stages;
  /** Name of its checkpoints. */
  stage: string;
  /** Without checkpoints. */
  context: TrainingContext;
  logger: Logger;
}

/** One teacher: one that is given, one that an earlier job has trained just so, or one that is trained now. */
export async function obtainSingle(setup: SingleSetup): Promise<Teacher> {
  const { settings, given, hash, stages, stage, context, logger } = setup;
  if (given) return given.create(context.engine);
  const kept = await stages.loadTeacher(hash);
  if (kept) {
    logger.info({ teacherHash: hash }, 'this teacher was trained before');
    return restoreTeacher(context.engine, kept);
  }
  const resume = await stages.resume(stage, hash);
  const trained = await trainTeacher(settings as TrainedSettings, { ...context, resume });
  await stages.saveTeacher(hash, trained.state());
  return trained;
}
