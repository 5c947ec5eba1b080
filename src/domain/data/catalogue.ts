import { type Static, Type } from 'typebox';
import { Id } from '../base/id.ts';
import { Timestamp } from '../base/timestamp.ts';

const Name = Type.String({ minLength: 1, maxLength: 256 });

/** Any properties in JSON. */
export const Features = Type.Record(Type.String(), Type.Unknown(), {
  description: 'Any JSON properties.',
  examples: [{ year: 1995 }],
});

export const Item = Type.Object(
  {
    itemId: Id,
    title: Type.Optional(Type.String({ maxLength: 1024, examples: ['Toy Story (1995)'] })),
    categories: Type.Optional(Type.Array(Name, { maxItems: 100, examples: [['Animation', 'Comedy']] })),
    labels: Type.Optional(Type.Array(Name, { maxItems: 100 })),
    features: Type.Optional(Features),
    hidden: Type.Optional(Type.Boolean({ description: 'Hidden items are never recommended.' })),
    availableFrom: Type.Optional(Timestamp),
    availableUntil: Type.Optional(Timestamp),
  },
  {
    additionalProperties: false,
    description: 'An item of the catalogue. A later item with the same id replaces it.',
    examples: [{ itemId: 'film-7', title: 'Toy Story (1995)', categories: ['Animation', 'Comedy'] }],
  },
);
export type Item = Static<typeof Item>;

export const User = Type.Object(
  { userId: Id, features: Type.Optional(Features) },
  {
    additionalProperties: false,
    description: 'A user with features. Users need not be known before their first interaction.',
    examples: [{ userId: 'user-42', features: { age: 24 } }],
  },
);
export type User = Static<typeof User>;

/** An item as it is stored and handed out. Times are milliseconds or null. */
export interface StoredItem {
  itemId: string;
  title: string | null;
  categories: string[];
  labels: string[];
  features: Record<string, unknown>;
  hidden: boolean;
  availableFrom: number | null;
  availableUntil: number | null;
}

/** Says whether an item is shown to nobody at a moment: hidden, not available yet, or no longer. @param time milliseconds */
export function isBlockedAt(
  { hidden, availableFrom, availableUntil }: Pick<StoredItem, 'hidden' | 'availableFrom' | 'availableUntil'>,
  time: number,
): boolean {
  return (
    hidden ||
    (availableFrom !== null && time < availableFrom) ||
    (availableUntil !== null && time >= availableUntil)
  );
}

export interface StoredUser {
  userId: string;
  features: Record<string, unknown>;
}
