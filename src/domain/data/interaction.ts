import { type Static, Type } from 'typebox';
import { Id } from '../base/id.ts';
import { Timestamp } from '../base/timestamp.ts';

/** The most milliseconds that a client's clock may be ahead of ours before its timestamp counts as wrong. */
export const CLOCK_SKEW_MS = 5 * 60_000;
export const RATING_TYPE = 'rating';
export const IMPRESSION_TYPE = 'impression';

export const InteractionType = Type.String({
  // Letters of any script, written so that other languages' expressions mean the same.
  'x-must-be':
    'a name of 1-64 letters, digits, dots, hyphens and underscores that begins with a letter, such as click',
  pattern: '^[^\\x00-@\\[-\\x60{-\\x9f\\s][^\\x00-,/:-@\\[-\\^\\x60{-\\x9f\\s]{0,63}$',
  description:
    'A name such as click, favorite, purchase or rating, in any script. PUT /event-types/{type} says what it means.',
  examples: ['click'],
});

export const MOST_CONTEXT_FIELDS = 16;

export const ContextField = Type.String({ minLength: 1, maxLength: 64 });
export const ContextValue = Type.Union([Type.String({ maxLength: 256 }), Type.Number(), Type.Boolean()]);
/** Where and how something happened, such as the page and the device. */
export const EventContext = Type.Record(ContextField, ContextValue, {
  maxProperties: MOST_CONTEXT_FIELDS,
  description: `Where and how it happened: at most ${MOST_CONTEXT_FIELDS} texts, numbers, true or false.`,
  examples: [{ page: 'search', device: 'phone' }],
});
export type EventContext = Static<typeof EventContext>;

export const Interaction = Type.Object(
  {
    userId: Id,
    itemId: Id,
    type: InteractionType,
    value: Type.Optional(
      Type.Number({
        description:
          'A rating, a quantity or another strength. What it says is declared with the type; a rating must have one, by default from 1 to 5.',
        examples: [5],
      }),
    ),
    timestamp: Type.Optional({
      ...Timestamp,
      description:
        'ISO-8601 with a zone, or a Unix time: seconds below 1e11, milliseconds from there on. Numbers below 1e8 (before 1973) are refused; send text where such a time is meant. Without it, the time of receipt.',
    }),
    eventId: Type.Optional({
      ...Id,
      description:
        'Your id of the event or of the order: with the same user, item and type it is stored once. Lines of one order are told apart by their items.',
    }),
    context: Type.Optional(EventContext),
    timestampSource: Type.Optional(
      Type.Enum(['given', 'received'], {
        description:
          'As exports have it. POST /imports reads it; elsewhere a time that is sent is a given one.',
      }),
    ),
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
      'One behaviour of one user. Sending the same thing twice stores it once: by (eventId, user, item, type) when there is an eventId, else by (user, item, type, timestamp). Without either each is one more.',
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
  /** True: the time is that of receipt. Left out where it was given, or there is none. */
  received?: boolean;
  context?: EventContext | null;
}
