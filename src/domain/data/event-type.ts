import { type Static, Type } from 'typebox';
import { usualEvent } from './usual-events.ts';

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

const fields = {
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

/** What somebody declares of a type; what is left out follows from the type's name and its meaning. */
export const EventDeclaration = Type.Partial(Type.Object(fields), {
  ...strict,
  examples: [{ meaning: 'positive', weight: 3 }],
});
export type EventDeclaration = Static<typeof EventDeclaration>;

const { scale, ...always } = fields;

/** A declaration with nothing left open. */
export const EventMeaning = Type.Object({ ...always, scale: Type.Optional(scale) }, strict);
export type EventMeaning = Static<typeof EventMeaning>;

/** Declarations by the name of their type. */
export type EventMeanings = Readonly<Record<string, EventMeaning>>;

/**
 * Fills in what a declaration leaves open: from the usual meaning of the name where the meaning is the same, otherwise from the
 * meaning alone.
 * @returns null where nobody says what the type means
 */
export function completeEvent(type: string, declared: EventDeclaration = {}): EventMeaning | null {
  const usual = usualEvent(type);
  const meaning = declared.meaning ?? usual?.meaning;
  if (meaning === undefined) return null;
  const base = usual && usual.meaning === meaning ? usual : { kind: usual?.kind ?? type };
  const complete: EventMeaning = {
    ...{ meaning, weight: 1, kind: type, repeats: 'newest' as const, value: { as: 'none' as const } },
    ...{ seen: meaning !== 'ignored' },
    ...base,
    ...declared,
  };
  // A scale says what its values mean, unless the declaration says otherwise.
  if (declared.scale?.likedFrom !== undefined && !declared.value)
    return { ...complete, value: { as: 'threshold' } };
  return complete;
}

/** What contradicts itself in a declaration, as a sentence that names the field; null where nothing does. */
export function declarationProblem(type: string, declared: EventDeclaration): string | null {
  const complete = completeEvent(type, declared);
  if (complete === null)
    return `meaning is missing: no type is usually called ${type}; give positive, negative, neutral or ignored`;
  const { meaning, value, scale, seen } = complete;
  const ofScale = scale ? scaleProblem(scale) : null;
  if (ofScale !== null) return ofScale;
  if (meaning === 'negative' && !seen)
    return 'seen must not be false where meaning is negative: what a user dislikes is never shown again';
  if (value.as === 'threshold' && value.from === undefined && scale?.likedFrom === undefined)
    return 'scale.likedFrom is missing: value.as threshold needs the value from which on it is liking';
  if (value.as !== 'threshold' && value.from !== undefined)
    return `value.from goes with value.as threshold; got ${value.as}`;
  if (value.as === 'threshold' && meaning !== 'positive')
    return `meaning must be positive where value.as is threshold: the scale says which values are disliking; got ${meaning}`;
  if (value.negative && (value.as === 'none' || value.as === 'threshold'))
    return `value.negative goes with value.as linear or log1p; got ${value.as}`;
  return null;
}

function scaleProblem({ min, max, likedFrom, dislikedBelow, unrated }: Static<typeof RatingScaleOfType>) {
  const within = (value: number | undefined) => value === undefined || (value >= min && value <= max);
  if (!(min < max)) return `scale.max must be greater than scale.min; got ${min} and ${max}`;
  if (!within(likedFrom)) return `scale.likedFrom must be from ${min} to ${max}; got ${likedFrom}`;
  if (!within(dislikedBelow))
    return `scale.dislikedBelow must be from ${min} to ${max}; got ${dislikedBelow}`;
  if (likedFrom !== undefined && dislikedBelow !== undefined && dislikedBelow > likedFrom)
    return `scale.dislikedBelow must not be above scale.likedFrom; got ${dislikedBelow} and ${likedFrom}`;
  if (unrated !== undefined && within(unrated))
    return `scale.unrated must be a value that is no rating, outside ${min} to ${max}; got ${unrated}`;
  return null;
}

/**
 * Why a value does not fit the type's scale, or null when it does. Types without a scale take any value.
 * @returns what would be right, such as "a number from 1 to 5 when type is rating"
 */
export function valueProblem(
  type: string,
  meaning: EventMeaning | null,
  value: number | null,
): string | null {
  const scale = meaning?.scale;
  if (!scale) return null;
  const { min, max, step, unrated } = scale;
  if (value !== null && value === unrated) return null;
  const steps = step === undefined || value === null ? 0 : (value - min) / step;
  const fits = value !== null && value >= min && value <= max && Math.abs(steps - Math.round(steps)) < 1e-6;
  if (fits) return null;
  const inSteps = step === undefined ? '' : ` in steps of ${step}`;
  const or = unrated === undefined ? '' : `, or ${unrated} for not rated,`;
  return `a number from ${min} to ${max}${inSteps}${or} when type is ${type}`;
}
