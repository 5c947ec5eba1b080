import { type Static, Type } from 'typebox';
import { EventMeaning, type EventMeanings } from './event-meaning.ts';
import { completeEvent, type EventDeclaration } from './event-type.ts';
import { RATING_TYPE } from './interaction.ts';
import { ageFactor, amountOf, weightOfAmount } from './meaning.ts';
import { usualEvent } from './usual-events.ts';

/**
 * How the interactions of a job count. It is stored in the artifact, so that a live history means at serving time what it meant in
 * training. Versions of earlier releases have no `events`: see `meaningIn`.
 */
export const Weighting = Type.Object(
  {
    types: Type.Record(
      Type.String(),
      Type.Object(
        { weight: Type.Number({ minimum: 0, maximum: 1000 }), minValue: Type.Optional(Type.Number()) },
        { additionalProperties: false },
      ),
    ),
    /** The weight of types that are not named; 0 leaves them out. */
    otherTypes: Type.Number({ minimum: 0 }),
    /** Meaning of each type in the job's data. */
    events: Type.Optional(Type.Record(Type.String(), EventMeaning)),
    /** Types that the job itself declared: what the installation declares later does not touch them. */
    declared: Type.Optional(Type.Array(Type.String())),
    halfLifeDays: Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Null()]),
  },
  { additionalProperties: false },
);
export type Weighting = Static<typeof Weighting>;

/** Every type counts 1; of ratings, those that mean liking. */
export const DEFAULT_WEIGHTING: Weighting = {
  types: { [RATING_TYPE]: { weight: 1, minValue: 4 } },
  otherTypes: 1,
  halfLifeDays: null,
};

/** Meanings of types by the installation's declarations and their usual names; null for a type that nobody declared. */
export type Installed = (type: string) => EventMeaning | null;

export const usuallyMeant: Installed = (type) => usualEvent(type) ?? null;

/**
 * Meaning of a type for a job or a version: by what it carries, and for a type that it never saw by the installation's word.
 * @returns null where nobody says: such a type does not count
 */
export function meaningIn(
  weighting: Weighting,
  type: string,
  installed: Installed = usuallyMeant,
): EventMeaning | null {
  const { events, types, otherTypes } = weighting;
  // hasOwn: a type may be called `constructor`.
  if (events && Object.hasOwn(events, type)) return events[type]!;
  const meant = installed(type);
  if (!events) {
    if (Object.hasOwn(types, type)) return withRule(type, types[type]!, meant);
    if (meant?.meaning === 'ignored') return meant;
    return meant || otherTypes > 0 ? withRule(type, { weight: otherTypes }, meant) : null;
  }
  // Where a job names the types that count, others are no liking; disliking stays what it is.
  return otherTypes === 0 && meant?.meaning === 'positive' ? { ...meant, weight: 0 } : meant;
}

/**
 * Meaning of a type in the answers of a version: as in its training, but for what the installation declares to be disliking by now, which is
 * disliking for every version at once. Only the declaration of the version's own job goes before that.
 * @returns null where nobody says: such a type does not count
 */
export function meaningNow(
  weighting: Weighting,
  type: string,
  installed: Installed = usuallyMeant,
): EventMeaning | null {
  const now = installed(type);
  const isDislike = now?.meaning === 'negative' && !weighting.declared?.includes(type);
  return isDislike ? now : meaningIn(weighting, type, installed);
}

/** Types that a version takes for disliking by now, and that it was trained with as something else. */
export function dislikedSince(weighting: Weighting, installed: Installed): string[] {
  return Object.keys(weighting.events ?? {}).filter(
    (type) =>
      weighting.events![type]!.meaning !== 'negative' &&
      meaningNow(weighting, type, installed)?.meaning === 'negative',
  );
}

/**
 * A type under a rule of a job, `dataset.types`. What is disliking, or takes something back, stays that; all else counts as liking.
 * @param meant what it means elsewhere; null where nobody says
 */
export function withRule(
  type: string,
  { weight, minValue }: { weight: number; minValue?: number },
  meant: EventMeaning | null,
): EventMeaning {
  if (meant?.meaning === 'negative' || meant?.meaning === 'neutral') return meant;
  if (meant?.meaning === 'ignored' && weight === 0) return meant;
  return {
    ...{ meaning: 'positive', weight, kind: meant?.kind ?? type, repeats: 'newest', seen: true },
    value: minValue === undefined ? { as: 'none' } : { as: 'threshold', from: minValue },
    ...(meant?.scale && { scale: meant.scale }),
  };
}

/** Rules of a job for types. */
export interface EventRules {
  /** Where it is there, other types are no liking. A type without a rule of its own means what it means elsewhere. */
  types?: Readonly<Record<string, { weight: number; minValue?: number } | null>> | undefined;
  /** Declarations in place of the installation's. */
  events?: Readonly<Record<string, EventDeclaration>> | undefined;
}

/**
 * Meanings of the types of some data for a job, and the names of those of which nobody says it.
 * @param found the types that there are
 */
export function resolveEvents(
  { types, events = {} }: EventRules,
  found: Iterable<string>,
  installed: Installed,
): { events: EventMeanings; unknown: string[] } {
  const meaningOf = (type: string): EventMeaning | null => {
    if (Object.hasOwn(events, type)) return completeEvent(type, { ...installed(type), ...events[type] });
    const meant = installed(type);
    if (!types) return meant;
    if (Object.hasOwn(types, type)) return types[type] ? withRule(type, types[type]!, meant) : meant;
    return meant?.meaning === 'positive' ? { ...meant, weight: 0 } : meant;
  };
  const all = new Set([...found, ...Object.keys(events), ...Object.keys(types ?? {})]);
  const known: [string, EventMeaning][] = [];
  const unknown: string[] = [];
  for (const type of [...all].sort()) {
    const meaning = meaningOf(type);
    if (meaning) known.push([type, meaning]);
    else unknown.push(type);
  }
  return { events: Object.fromEntries(known), unknown };
}

/**
 * The weight of one interaction for itself, whatever else was said of the item.
 * @param timestamp milliseconds or null; an interaction without a time does not age
 * @param now the time that age is counted to: the newest interaction in training, the clock in serving
 * @returns 0 when the interaction does not count as liking
 */
export function interactionWeight(
  weighting: Weighting,
  type: string,
  value: number | null,
  timestamp: number | null,
  now: number,
): number {
  const meaning = meaningIn(weighting, type);
  if (!meaning) return 0;
  const amount = amountOf(meaning, value);
  return amount > 0 ? weightOfAmount(meaning, amount) * ageFactor(timestamp, now, weighting.halfLifeDays) : 0;
}
