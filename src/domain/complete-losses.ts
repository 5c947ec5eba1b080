import type { LossKind, LossSpec } from './loss-spec.ts';
import type { Scheduled } from './scheduled.ts';
import type { TeacherKind } from './teacher-spec.ts';

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
 * Of a teacher whose scores are no logits. As they are, their softmax says next to nothing: on citeulike's validation part, d = 64,
 * these settings carried 74 % of EASE's Recall@50, and its raw scores at temperature 1 lost half of what the start had (docs/defaults.md).
 */
const NO_LOGITS = { scores: 'standardized', temperature: 0.5, ownItems: 'hidden' } as const;

/** Networks with a softmax at the end, and what is known by lists or predicts probabilities. */
const LOGITS: readonly TeacherKind[] = [
  'softmax',
  'autoencoder',
  'sasrec',
  'gru',
  'multilabel',
  'external',
  'stored',
];

/** Without a teacher kind the loss is completed as for logits. */
export function completeLoss(loss: LossSpec, teacher?: TeacherKind): CompleteLoss {
  const asLogits =
    teacher === undefined || LOGITS.includes(teacher) || loss.link === 'sigmoid' || loss.scores === 'raw';
  const scores = loss.kind === 'softLabels' && !asLogits ? NO_LOGITS : {};
  return { ...DEFAULTS[loss.kind], ...scores, ...loss } as CompleteLoss;
}
