import { problem } from '../../../core/errors.ts';
import { isNothing } from '../../../domain/base/scheduled.ts';
import { completeLoss } from '../../../domain/losses/complete-losses.ts';
import { STANDARDIZED } from '../../../domain/losses/kinds/soft-labels.ts';
import { type CompleteLoss, type LossSettings, lossOf } from '../../../domain/losses/loss-spec.ts';
import type { CompleteMember, CompleteTeacher } from '../../../domain/teachers/teacher-spec.ts';

/** The size below which ranks alone tell too little: most items of so small a catalogue are in every list, the wrong ones too. */
const FEW_ITEMS = 500;

/**
 * Returns the losses of a job that names none: the teacher's order, or on few items its scores. Neither depends on the scale of a
 * teacher's scores: raw ones at one temperature left the student of an EASE teacher at half of popularity (NDCG@10 .064 of .130
 * on 800 users and 200 items that were drawn; standardized .133), as EASE and graph-filter score in hundredths, networks in
 * logits. A teacher that was not made from this data, imported or of an earlier version, leaves a little to the data: it may not
 * know new items, what came since, or some of the users.
 */
export function defaultLosses(items: number, teacher?: CompleteTeacher): CompleteLoss[] {
  const origin = teacher && originOf(teacher);
  const fromData = origin ? [completeLoss({ kind: 'hardLabels', weight: 0.1 })] : [];
  const isCurriculum = teacher?.kind === 'ensemble' && teacher.combine === 'curriculum';
  // Of lists made elsewhere nobody knows the scale, nor how far they reach; a curriculum changes its lists alone.
  if (items >= FEW_ITEMS || origin === 'external' || isCurriculum)
    return [completeLoss({ kind: 'rankLabels' }), ...fromData];
  return [completeLoss({ kind: 'softLabels', ...STANDARDIZED }), ...fromData];
}

/** Returns the losses for sets of items that users take: the teacher's decision on each item, and a little of the data. */
export function setLosses(): CompleteLoss[] {
  return [
    completeLoss({ kind: 'softLabels', link: 'sigmoid', temperature: 2 }),
    completeLoss({ kind: 'hardLabels', link: 'sigmoid', weight: 0.1 }),
  ];
}

/**
 * Returns where a teacher that was not made from this data comes from; undefined for one that was, and for an ensemble with such
 * a member.
 */
function originOf(teacher: CompleteTeacher | CompleteMember): 'external' | 'stored' | undefined {
  if (teacher.kind === 'external' || teacher.kind === 'stored') return teacher.kind;
  if (teacher.kind !== 'ensemble') return undefined;
  const kinds = teacher.members.map(originOf);
  if (kinds.includes(undefined)) return undefined;
  return kinds.includes('external') ? 'external' : 'stored';
}

/**
 * The losses that count, with nothing left open.
 * @throws problem('invalid-job') for a list that is longer than the catalogue
 */
export function planLosses(losses: readonly CompleteLoss[], items: number): LossSettings[] {
  return losses.filter(({ weight }) => !isNothing(weight)).map((loss) => planLoss(loss, items));
}

function planLoss(loss: CompleteLoss, items: number): LossSettings {
  const { forCatalogue, limit } = lossOf(loss.kind);
  const sizes = loss as { top?: number; samples?: number };
  for (const field of ['top', 'samples'] as const) {
    if ((sizes[field] ?? 0) <= items) continue;
    throw problem(
      'invalid-job',
      `distillation.losses: ${field} ${sizes[field]} of ${loss.kind} exceeds the catalogue of ${items} items that the data gives; at most ${items} fit`,
    );
  }
  const tooMany = limit?.(items, loss);
  if (tooMany) throw problem('invalid-job', `distillation.losses: ${tooMany}`);
  return { ...forCatalogue?.(items, loss), ...loss } as LossSettings;
}
