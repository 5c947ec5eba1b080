import { problem } from '../../../core/errors.ts';
import type { LossSettings } from '../../../distillation/losses/term.ts';
import { isNothing, type Scheduled } from '../../../domain/base/scheduled.ts';
import { type CompleteLoss, completeLoss, STANDARDIZED } from '../../../domain/losses/complete-losses.ts';
import type { CompleteMember, CompleteTeacher } from '../../../domain/teachers/teacher-spec.ts';

/** Up to so many items the divergence is over all of them; sampling is cheaper beyond, and a little worse everywhere. */
const FULL_SOFTMAX_ITEMS = 50_000;
const SAMPLES_FOR_SOFTMAX = 4096;

/** Length of the teacher's list and of what is set against it, where the job leaves them open. */
const LISTS: Partial<Record<CompleteLoss['kind'], { top: number; samples: number }>> = {
  softLabels: { top: 200, samples: SAMPLES_FOR_SOFTMAX },
  rankLabels: { top: 200, samples: SAMPLES_FOR_SOFTMAX },
  ranking: { top: 50, samples: 100 },
  rce: { top: 50, samples: 100 },
  correction: { top: 50, samples: 50 },
};

/** Of a catalogue as small as this, ranks alone tell too little: most items are in every list, the wrong ones too. */
const FEW_ITEMS = 500;

/**
 * Where a job names no losses: the teacher's order, or on few items its scores. Neither depends on the scale of a teacher's
 * scores: raw ones at one temperature left the student of an EASE teacher at half of popularity (NDCG@10 .064 of .130 on 800
 * users and 200 items that were drawn; standardized .133), as EASE and graph-filter score in hundredths, networks in logits.
 * A teacher that was not made from this data, imported or of an earlier version, leaves a little to the data: it may not know new
 * items, what came since, or some of the users.
 */
export function defaultLosses(items: number, teacher?: CompleteTeacher): CompleteLoss[] {
  const given = teacher && givenBy(teacher);
  const fromData = given ? [completeLoss({ kind: 'hardLabels', weight: 0.1 })] : [];
  const isCurriculum = teacher?.kind === 'ensemble' && teacher.combine === 'curriculum';
  // Of lists made elsewhere nobody knows the scale, nor how far they reach; a curriculum changes its lists alone.
  if (items >= FEW_ITEMS || given === 'external' || isCurriculum)
    return [completeLoss({ kind: 'rankLabels' }), ...fromData];
  return [completeLoss({ kind: 'softLabels', ...STANDARDIZED }), ...fromData];
}

/** Of the sets of items that users take: what the teacher says of each item, and a little of the data. */
export function setLosses(): CompleteLoss[] {
  return [
    completeLoss({ kind: 'softLabels', link: 'sigmoid', temperature: 2 }),
    completeLoss({ kind: 'hardLabels', link: 'sigmoid', weight: 0.1 }),
  ];
}

/** What made a teacher that was not made from this data; undefined also of an ensemble with a member that was. */
function givenBy(teacher: CompleteTeacher | CompleteMember): 'external' | 'stored' | undefined {
  if (teacher.kind === 'external' || teacher.kind === 'stored') return teacher.kind;
  if (teacher.kind !== 'ensemble') return undefined;
  const kinds = teacher.members.map(givenBy);
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
  const lists = LISTS[loss.kind];
  if (!lists || !('weight' in loss)) return loss as LossSettings;
  const given = loss as { top?: number; samples?: number };
  for (const field of ['top', 'samples'] as const) {
    if ((given[field] ?? 0) <= items) continue;
    throw problem(
      'invalid-job',
      `distillation.losses: ${field} ${given[field]} of ${loss.kind} exceeds the catalogue of ${items} items that the data gives; at most ${items} fit`,
    );
  }
  if ('link' in loss && loss.link === 'sigmoid') {
    if (items <= FULL_SOFTMAX_ITEMS) return { ...loss, top: 0, samples: 0 } as LossSettings;
    throw problem(
      'invalid-job',
      `distillation.losses: link sigmoid is over the whole catalogue and takes at most ${FULL_SOFTMAX_ITEMS} items; the data gives ${items}. dataset.minInteractions and dataset.sample make it smaller`,
    );
  }
  const isSoftmax = loss.kind === 'softLabels' || loss.kind === 'rankLabels';
  const samples = isSoftmax && items <= FULL_SOFTMAX_ITEMS ? 0 : lists.samples;
  const temperature =
    loss.kind === 'rankLabels' ? { temperature: loss.temperature ?? rankTemperature(items) } : {};
  return {
    ...loss,
    ...temperature,
    top: given.top ?? Math.min(lists.top, items),
    samples: given.samples ?? Math.min(samples, items),
  } as LossSettings;
}

/**
 * Ranks by which the wanted share falls to 1/e: 10 for the 1,447 items of MovieLens-100K was the best of 10, 20, 40 and 80 on
 * validation; 20 for the 25,182 of citeulike is taken over, not tuned. The rule only joins the two. It falls to a sixth, so
 * that the student first finds what belongs together and in the end the order of the first places (docs/defaults.md).
 */
function rankTemperature(items: number): Scheduled {
  const from = Math.min(40, Math.max(3, Math.round(10 * (items / 1500) ** 0.25)));
  return { schedule: 'linear', from, to: Math.max(1, Math.round(from / 6)) };
}
