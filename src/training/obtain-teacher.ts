import type { Logger } from '../core/logger.ts';
import type { Teacher, TrainingContext } from '../teacher/contract.ts';
import type { GivenTeacher } from '../teacher/given.ts';
import { restoreTeacher, type TrainedSettings, trainTeacher } from '../teacher/registry.ts';
import type { Engine } from '../tensor/engine.ts';
import type { TrainingSettings } from './plan.ts';
import type { Stages } from './stages.ts';

interface TeacherSetup {
  engine: Engine;
  settings: TrainingSettings['teacher'];
  given: GivenTeacher | undefined;
  /** Of everything that its weights depend on. */
  hash: string;
  stages: Stages;
  context(): Promise<TrainingContext>;
  logger: Logger;
}

/** The teacher of a job: one that is given, one that an earlier job has trained just so, or one that is trained now. */
export async function obtainTeacher(setup: TeacherSetup): Promise<Teacher> {
  const { engine, settings, given, hash, stages, logger } = setup;
  if (given) return given.create(engine);
  const kept = await stages.loadTeacher(hash);
  if (kept) {
    logger.info({ teacherHash: hash }, 'this teacher was trained before');
    return restoreTeacher(engine, kept);
  }
  const trained = await trainTeacher(settings as TrainedSettings, await setup.context());
  await stages.saveTeacher(hash, trained.state());
  return trained;
}
