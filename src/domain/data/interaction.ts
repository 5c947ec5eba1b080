import { type Static, Type } from 'typebox';
import { Id } from '../base/id.ts';
import { Timestamp } from '../base/timestamp.ts';

/** The most milliseconds that a client's clock may be ahead of ours before its timestamp counts as wrong. */
export const CLOCK_SKEW_MS = 5 * 60_000;
export const RATING_TYPE = 'rating';

export const InteractionType = Type.String({
  pattern: '^[A-Za-z][A-Za-z0-9_.-]{0,63}$',
  description: 'A name such as click, favorite, purchase or rating; any other is allowed.',
  examples: ['click'],
});

export const Interaction = Type.Object(
  {
    userId: Id,
    itemId: Id,
    type: InteractionType,
    value: Type.Optional(
      Type.Number({
        description: 'Strength, such as a quantity. Required for type rating: 1-5.',
        examples: [5],
      }),
    ),
    timestamp: Type.Optional(Timestamp),
    eventId: Type.Optional(Id),
    recommendationId: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        description: 'Of the recommendation that led to it; for GET /models/{name}/online.',
        examples: ['3b241101-e2bb-4255-8caf-4136c566a962'],
      }),
    ),
  },
  {
    additionalProperties: false,
    description:
      'One behaviour of one user. Sending the same thing twice stores it once: by eventId when given, else by (user, item, type, timestamp).',
    examples: [
      { userId: 'user-42', itemId: 'film-7', type: 'rating', value: 5, timestamp: '2026-03-01T12:00:00Z' },
    ],
  },
);
export type Interaction = Static<typeof Interaction>;

/** An interaction as it is stored: checked, with its time in milliseconds or none. */
export interface StoredInteraction {
  userId: string;
  itemId: string;
  type: string;
  value: number | null;
  timestamp: number | null;
  eventId: string | null;
}
