import type { Scheduled } from '../base/scheduled.ts';
import { type TeacherKindName, traitsOf } from '../teachers/teacher-spec.ts';
import type { LossKind, LossSpec } from './loss-spec.ts';

type Options<K extends keyof LossSpec> = Required<Pick<LossSpec, K>>;
/** What only the size of the catalogue can decide may be open still. */
type Open<K extends keyof LossSpec> = Pick<LossSpec, K>;

/** A loss with every setting filled in that does not depend on the data. */
export type CompleteLoss = { weight: Scheduled } & (
  | ({ kind: 'softLabels' } & Options<'temperature' | 'scores' | 'ownItems'> &
      Open<'top' | 'samples' | 'link'>)
  | ({ kind: 'rankLabels' } & Open<'temperature' | 'top' | 'samples'>)
  | ({ kind: 'hardLabels' } & Open<'link'>)
  | ({ kind: 'ranking' } & Options<'ownItems'> & Open<'top' | 'samples'>)
  | ({ kind: 'rce' } & Options<'temperature' | 'ownItems'> & Open<'top' | 'samples'>)
  | ({ kind: 'correction' } & Options<'temperature'> & Open<'top' | 'samples'>)
  | { kind: 'hint' }
  | ({ kind: 'experts' } & Options<'experts'>)
  | ({ kind: 'topology' } & Options<'groups'>)
);

/** Where a kind's authors named a weight, it was for sums; here every loss is a mean, which changes it. */
const DEFAULTS: Record<LossKind, Omit<LossSpec, 'kind'>> = {
  softLabels: { weight: 1, temperature: 1, scores: 'raw', ownItems: 'visible' },
  rankLabels: { weight: 1 },
  hardLabels: { weight: 1 },
  ranking: { weight: 1, ownItems: 'hidden' },
  rce: { weight: 1, temperature: 1, ownItems: 'hidden' },
  correction: { weight: 1, temperature: 10 },
  hint: { weight: 0.1 },
  experts: { weight: 0.1, experts: 8 },
  topology: { weight: 1, groups: 1 },
};

/**
 * Soft labels that do not depend on the scale of a teacher's scores. As they are, scores that are no logits say next to nothing in a
 * softmax: the student of EASE on citeulike had NDCG@10 .041 of them, .089 with these settings (docs/defaults.md).
 */
export const STANDARDIZED = { scores: 'standardized', temperature: 0.5, ownItems: 'hidden' } as const;

/** @param teacher of whose scores soft labels are made; left out, they are taken for logits */
export function completeLoss(loss: LossSpec, teacher?: TeacherKindName): CompleteLoss {
  const standardizes =
    loss.kind === 'softLabels' &&
    teacher !== undefined &&
    traitsOf({ kind: teacher }).scores === 'scores' &&
    loss.link !== 'sigmoid' &&
    loss.scores !== 'raw';
  return { ...DEFAULTS[loss.kind], ...(standardizes && STANDARDIZED), ...loss } as CompleteLoss;
}
