import type { NewItems } from '../../dataset/new-items.ts';
import { type ChosenTeacher, restoreTeacher, retrainTeacher as retrain } from '../../teacher/registry.ts';
import { obtain } from '../run/obtain.ts';
import { obtainEnsemble, retrainEnsemble } from './obtain-ensemble.ts';
import { obtainSingle } from './obtain-single.ts';
import { isEnsemble } from './plan-any-teacher.ts';
import { renewTeacher } from './renewal.ts';
import { asRankingTeacher, identityOf, type RankingTeacher, type TeacherSetup } from './teacher-setup.ts';

export async function obtainTeacher(setup: TeacherSetup): Promise<RankingTeacher> {
  const { settings, found, hashFor, ...rest } = setup;
  if (isEnsemble(settings)) return obtainEnsemble({ ...setup, settings });
  const hash = hashFor(identityOf(settings, found));
  const { renewal } = found;
  if (renewal) {
    const renewed = await obtain(setup, {
      hash,
      checkpoint: setup.stage,
      train: (resume) => renewTeacher(renewal, { ...setup.context, resume }),
      restore: (state) => restoreTeacher(setup.context.engine, state),
    });
    return asRankingTeacher(renewed);
  }
  return asRankingTeacher(await obtainSingle({ ...rest, settings, ready: found.ready, hash }));
}

/** Trains the same teacher on more pairs, with what training chose; one that was found is what it was. */
export async function retrainTeacher(
  setup: Pick<TeacherSetup, 'settings' | 'found' | 'context'>,
  chosen: ChosenTeacher,
  newItems: NewItems,
): Promise<RankingTeacher> {
  const { settings, found, context } = setup;
  if (isEnsemble(settings)) return retrainEnsemble({ ...setup, settings }, chosen, newItems);
  if (found.ready) return asRankingTeacher(found.ready.create(context.engine));
  return asRankingTeacher(await retrain(chosen, context, newItems));
}
