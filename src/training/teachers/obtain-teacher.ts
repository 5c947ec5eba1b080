import type { Teacher } from '../../teacher/contract.ts';
import { retrainTeacher as retrain } from '../../teacher/registry.ts';
import { obtainEnsemble, retrainEnsemble } from './obtain-ensemble.ts';
import { obtainSingle } from './obtain-single.ts';
import { isEnsemble } from './plan-any-teacher.ts';
import { identityOf, type ObtainedTeacher, type TeacherSetup } from './teacher-setup.ts';

export async function obtainTeacher(setup: TeacherSetup): Promise<ObtainedTeacher> {
  const { settings, found, hashFor, ...rest } = setup;
  if (isEnsemble(settings)) return obtainEnsemble({ ...setup, settings });
  const hash = hashFor(identityOf(settings, found));
  return { teacher: await obtainSingle({ ...rest, settings, given: found.given, hash }) };
}

/** Trains the same teacher on other data, with what training chose. */
export async function retrainTeacher(setup: TeacherSetup, chosen: Teacher): Promise<ObtainedTeacher> {
  const { settings, found, context } = setup;
  if (isEnsemble(settings)) return retrainEnsemble({ ...setup, settings }, chosen);
  if (found.given) return { teacher: found.given.create(context.engine) };
  return { teacher: await retrain(chosen, context) };
}
