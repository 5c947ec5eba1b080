import { type Static, Type } from 'typebox';

const strict = { additionalProperties: false } as const;

export const RatingScaleOfType = Type.Object(
  {
    min: Type.Number(),
    max: Type.Number(),
    step: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        description: 'Values are min and whole steps above it; any without it.',
      }),
    ),
    likedFrom: Type.Optional(Type.Number({ description: 'From this value on it is liking.' })),
    dislikedBelow: Type.Optional(
      Type.Number({
        description: 'Below this value it is disliking. By default the middle between min and likedFrom.',
      }),
    ),
    unrated: Type.Optional(
      Type.Number({ description: 'A value that is no rating, such as -1 for "watched, not rated".' }),
    ),
  },
  { ...strict, description: 'What values may be; others are refused.' },
);

const ValueUse = Type.Object(
  {
    as: Type.Enum(['none', 'threshold', 'linear', 'log1p'], {
      description:
        'none: the value is not read. threshold: it says by the scale whether it is liking. linear: 10 counts ten times 1. log1p: 10 counts 3.5 times 1 (the logarithm of 1 + value, to base 2).',
    }),
    from: Type.Optional(
      Type.Number({
        description:
          'With threshold, for types without a scale: below this value it is neither liking nor disliking.',
      }),
    ),
    negative: Type.Optional(
      Type.Enum(['takesBack', 'dislikes'], {
        description:
          'With linear and log1p: a value below 0 takes back what was there (the default), or is disliking.',
      }),
    ),
  },
  strict,
);

/** Fields of a meaning, all of which are required where nothing is left open. */
export const meaningFields = {
  meaning: Type.Enum(['positive', 'negative', 'neutral', 'ignored'], {
    description:
      'positive: liking. negative: disliking; the item is never shown again. neutral: neither, and it takes back what was said before of the same kind. ignored: stored, and nothing else.',
  }),
  weight: Type.Number({ minimum: 0, maximum: 1000, description: 'How much it counts, beside other types.' }),
  value: ValueUse,
  scale: RatingScaleOfType,
  seen: Type.Boolean({ description: 'Whether the item is left out of later lists for the user.' }),
  kind: Type.String({
    minLength: 1,
    maxLength: 64,
    description:
      'Types of one kind answer one question: of a user and an item the newest of them wins, as like, dislike and unlike do. Its own name by default.',
  }),
  repeats: Type.Enum(['newest', 'greatest', 'sum', 'count'], {
    description: 'What counts where a user says it again of the same item: by default the newest.',
  }),
};

const { scale, ...always } = meaningFields;

/** A declaration with nothing left open. */
export const EventMeaning = Type.Object({ ...always, scale: Type.Optional(scale) }, strict);
export type EventMeaning = Static<typeof EventMeaning>;

/** Declarations by the name of their type. */
export type EventMeanings = Readonly<Record<string, EventMeaning>>;
