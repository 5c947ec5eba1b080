import { hashOf } from '../../../core/hash.ts';
import { type Csr, columnSums } from '../../../dataset/matrix.ts';
import { findNewItems } from '../../../dataset/new-items.ts';
import type { Teacher, TrainingContext } from '../../../teacher/contract.ts';
import { restoreTeacher } from '../../../teacher/registry.ts';
import { isTrainingFailure } from '../../../teacher/training-failure.ts';
import { withTried } from '../../../teacher/wrap.ts';
import type { TeacherWork } from '../../run/expected-work.ts';
import { obtain } from '../../run/obtain.ts';
import { partOf } from '../../run/part-of.ts';
import type { Fit, Run } from '../../run/run.ts';
import { obtainTeacher, retrainTeacher } from '../../teachers/obtain-teacher.ts';
import { asRankingTeacher, chosenOf, type RankingTeacher } from '../../teachers/teacher-setup.ts';

type TeacherSetup = Parameters<typeof obtainTeacher>[0];

/** Shares of the stage up to the end of the search, and up to that of the choice of the student. */
function sharesOf({ search, choice, grown }: TeacherWork, isGrown: boolean) {
  const whole = search + choice + (isGrown ? grown : 0);
  return whole > 0
    ? { searched: search / whole, chosen: (search + choice) / whole }
    : { searched: 0.6, chosen: 0.85 };
}

export interface Teaching {
  /** The data that the teacher is searched with: training pairs, and validation pairs to choose by. */
  learned: Omit<TrainingContext, keyof Fit>;
  /** The pairs that it learns when all is chosen, validation pairs among them; unset: it stays as it was chosen. */
  grown?: Csr;
  hash: string;
  /** Seconds that the parts of the stage are expected to take. */
  parts: TeacherWork;
  setup(context: TrainingContext): TeacherSetup;
  /** Chooses what is chosen by validation pairs, while the teacher does not know them yet. */
  choose(teacher: Teacher, fit: Fit): Promise<unknown>;
}

/** Hash of all that the weights depend on of a teacher that has learned the validation pairs too. */
export function hashOfGrown(hash: string): string {
  return hashOf(hash, 'with validation pairs');
}

/**
 * Obtains the teacher: validation chooses its settings and how its student is made, and then it is trained on with the validation
 * pairs. Else it would know less than student and controls do, which learn from all that is known before the test.
 */
export async function teach(
  run: Pick<Run, 'stages' | 'logger' | 'warn'>,
  { learned, grown, hash, parts, setup, choose }: Teaching,
  fit: Fit,
): Promise<RankingTeacher> {
  const { searched, chosen: decided } = sharesOf(parts, grown !== undefined);
  const searching = { ...partOf(fit, 0, searched), ...learned };
  const tested = await obtainTeacher(setup(searching));
  try {
    await choose(tested.teacher, partOf(fit, searched, decided));
  } catch (error) {
    tested.dispose();
    throw error;
  }
  if (!grown) return tested;
  const { found } = setup(searching);
  const { tried } = tested.teacher;
  const chosen = chosenOf(found, tested.teacher);
  // Both at once would be twice the memory.
  tested.dispose();
  const again = {
    ...{ ...partOf(fit, decided, 1, 'with validation pairs'), ...learned },
    // Networks that read the order lost by a few epochs on (a circle of items: hr@1 .94 for 1); what is solved at once only gains.
    ...{ train: grown, validation: undefined, keepsTrained: grown.order !== undefined },
  };
  const newItems = findNewItems(grown, columnSums(learned.train));
  try {
    const teacher = await obtain(run, {
      hash: hashOfGrown(hash),
      checkpoint: 'teacher-grown',
      async train(resume) {
        const { teacher: own } = await retrainTeacher(setup({ ...again, resume }), chosen, newItems);
        return withTried(own, tried);
      },
      restore: (state) => restoreTeacher(fit.engine, state),
    });
    return { ...tested, ...asRankingTeacher(teacher) };
  } catch (error) {
    if (!isTrainingFailure(error)) throw error;
    run.warn(`The teacher does not know the validation pairs: ${error.detail}`);
    return obtainTeacher(setup(searching));
  }
}
