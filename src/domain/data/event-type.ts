import { type Static, Type } from 'typebox';
import { type EventMeaning, meaningFields, type RatingScaleOfType } from './event-meaning.ts';
import { usualEvent } from './usual-events.ts';

/** A declaration of what a type means; what it leaves out follows from the type's name and its meaning. */
export const EventDeclaration = Type.Partial(Type.Object(meaningFields), {
  additionalProperties: false,
  examples: [{ meaning: 'positive', weight: 3 }],
});
export type EventDeclaration = Static<typeof EventDeclaration>;

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

/** Finds what contradicts itself in a declaration: a sentence that names the field; null where nothing does. */
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
