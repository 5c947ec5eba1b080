import { type Static, Type } from 'typebox';
import { scheduled } from '../base/scheduled.ts';

const strict = { additionalProperties: false } as const;

export const LOSS_KINDS = [
  'softLabels',
  'rankLabels',
  'hardLabels',
  'ranking',
  'rce',
  'correction',
  'hint',
  'experts',
  'topology',
] as const;
export type LossKind = (typeof LOSS_KINDS)[number];

export const LossSpec = Type.Object(
  {
    kind: Type.Enum([...LOSS_KINDS]),
    weight: Type.Optional(scheduled({ minimum: 0, maximum: 1000 }, 'A number, or a schedule.')),
    temperature: Type.Optional(
      scheduled(
        { exclusiveMinimum: 0, maximum: 1000 },
        'Of softLabels and rce: of the scores. Of rankLabels and correction: in ranks. A number, or a schedule.',
      ),
    ),
    scores: Type.Optional(
      Type.Enum(['raw', 'standardized'], {
        description:
          "Of softLabels: the teacher's scores as they are (the default of networks, whose scores are logits, at temperature 1 with own items visible), or with mean 0 and deviation 1 per user (the default of other teachers, at .5 with own items hidden).",
      }),
    ),
    ownItems: Type.Optional(
      Type.Enum(['visible', 'hidden'], {
        description:
          "Of softLabels, ranking, rce: whether the user's own items stay in the teacher's distribution.",
      }),
    ),
    link: Type.Optional(
      Type.Enum(['softmax', 'sigmoid'], {
        description:
          'Of softLabels and hardLabels: one distribution over all items (softmax, the default), or a probability for each item by itself (sigmoid), in the task multi-label with labels from items.',
      }),
    ),
    top: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 10_000,
        description:
          "Of rankLabels, ranking, rce, correction and sampled softLabels: items of the teacher's list.",
      }),
    ),
    samples: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 100_000,
        description:
          'Of ranking, rce, correction: other items beside the list. Of softLabels, rankLabels: sampled items that stand for the catalogue, 0 for all of it (the default up to 50,000 items).',
      }),
    ),
    experts: Type.Optional(Type.Integer({ minimum: 2, maximum: 100, description: 'Of experts.' })),
    groups: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1000,
        description: 'Of topology: groups of like users and items (HTD); 1 compares all with all (FTD).',
      }),
    ),
  },
  strict,
);
export type LossSpec = Static<typeof LossSpec>;

type Option = Exclude<keyof LossSpec, 'kind' | 'weight'>;

/** The options of each loss beside its weight. */
export const LOSS_OPTIONS: Record<LossKind, readonly Option[]> = {
  softLabels: ['temperature', 'link', 'scores', 'ownItems', 'top', 'samples'],
  rankLabels: ['temperature', 'top', 'samples'],
  hardLabels: ['link'],
  ranking: ['top', 'samples', 'ownItems'],
  rce: ['temperature', 'top', 'samples', 'ownItems'],
  correction: ['temperature', 'top', 'samples'],
  hint: [],
  experts: ['experts'],
  topology: ['groups'],
};

/** Losses on the teacher's hidden layer: they need one, and another loss that trains the scores. */
export const HIDDEN_LOSSES: readonly LossKind[] = ['hint', 'experts', 'topology'];
