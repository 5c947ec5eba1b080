import { compressionWarnings } from '../../report.ts';
import type { StudentChoice } from './choose-student.ts';
import type { TrainingSettings } from './plan.ts';
import type { TrainedStudent } from './train-student.ts';

/** Returns warnings of what is allowed but should not go unnoticed, as far as it is known before anything is trained. */
export function planWarnings({ teacher, student: { dimensions }, distillation }: TrainingSettings): string[] {
  const warnings: string[] = [];
  const width = teacher.kind === 'softmax' ? Math.min(...teacher.hidden) : Number.POSITIVE_INFINITY;
  if (distillation.transfer === 'svd' && dimensions > width) {
    warnings.push(
      `student.dimensions ${dimensions} exceeds the teacher's narrowest layer ${width}: the other ${dimensions - width} dimensions started from random numbers`,
    );
  }
  return warnings;
}

/** A warning of a student that saves no space. Of lists the size says nothing, and a successor is as large as the student before. */
export function sizeWarnings(
  taught: readonly Pick<TrainingSettings, 'teacher'>[],
  sizes: Parameters<typeof compressionWarnings>[0],
): string[] {
  const areModels = taught.every(
    ({ teacher }) => teacher.kind !== 'external' && !('part' in teacher && teacher.part === 'student'),
  );
  return areModels ? compressionWarnings(sizes, taught.length) : [];
}

/** Warns where validation found no distilled student that was as good as a small model without a teacher. */
export function choiceWarnings(choice: StudentChoice | undefined): string[] {
  if (!choice?.chosen.isControl) return [];
  const { chosen, tried } = choice;
  const others = tried.filter(({ student }) => student !== chosen.name);
  // What was dropped by early signs had no chance to show more.
  const work = Math.max(...others.map((one) => one.work));
  const taught = others.filter((one) => one.work === work);
  const best = taught.reduce((top, one) => (one.score > top.score ? one : top));
  const own = tried.find(({ student }) => student === chosen.name)!;
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  return [
    `On the validation part no student that the teacher taught was better than a model of its size without a teacher, so that one is published: ${chosen.name}, with ${percent(own.score)} of the teacher's NDCG@10 over known and unseen users; the best that was taught (${best.student}) had ${percent(best.score)}. See settings.studentsTried`,
  ];
}

/** Warnings about users and items that came after the training, and that are answered by popularity or not at all. */
export function newcomerWarnings({
  newItems,
  coldUsers,
}: Pick<TrainedStudent, 'newItems' | 'coldUsers'>): string[] {
  const warnings: string[] = [];
  if (newItems && newItems.inCatalogue > 0 && !newItems.recommended) {
    warnings.push(
      `The ${newItems.inCatalogue} items of the catalogue that nobody has taken yet are not recommended: ${newItems.reason}`,
    );
  }
  if (coldUsers && !coldUsers.used) {
    const [own, popular] = [coldUsers.student.toFixed(4), coldUsers.popularity.toFixed(4)];
    warnings.push(
      `Users without a history are answered by popularity and not by features.users: on ${coldUsers.users} validation users NDCG@20 is ${own} by features and ${popular} by popularity`,
    );
  }
  return warnings;
}
