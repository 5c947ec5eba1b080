import type { Static, TSchema } from 'typebox';
import { Type } from 'typebox';
import { Id } from '../domain/base/id.ts';
import { Features, type StoredItem, type StoredUser } from '../domain/data/catalogue.ts';
import { EventContext, InteractionType, type StoredInteraction } from '../domain/data/interaction.ts';
import type { Deletion } from '../store/data/contract.ts';

const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const Time = orNull(Type.String({ format: 'date-time' }));

/** A stored interaction as it is handed out: all views have ISO-8601 times. */
export const InteractionView = Type.Object({
  userId: Id,
  itemId: Id,
  type: InteractionType,
  value: orNull(Type.Number()),
  timestamp: Time,
  eventId: orNull(Id),
  timestampSource: orNull(
    Type.Enum(['given', 'received'], {
      description: 'Whether the time was sent, or is that of receipt; null where there is none.',
    }),
  ),
  context: orNull(EventContext),
});

export const ItemView = Type.Object({
  itemId: Id,
  title: orNull(Type.String()),
  categories: Type.Array(Type.String()),
  labels: Type.Array(Type.String()),
  features: Features,
  hidden: Type.Boolean(),
  availableFrom: Time,
  availableUntil: Time,
});

export const UserView = Type.Object({ userId: Id, features: Features });

export function viewInteraction(row: StoredInteraction): Static<typeof InteractionView> {
  const { received = false, context = null, ...sent } = row;
  return {
    ...sent,
    timestamp: iso(row.timestamp),
    timestampSource: row.timestamp === null ? null : received ? 'received' : 'given',
    context,
  };
}

export function viewItem(item: StoredItem): Static<typeof ItemView> {
  return { ...item, availableFrom: iso(item.availableFrom), availableUntil: iso(item.availableUntil) };
}

export function viewUser(user: StoredUser): Static<typeof UserView> {
  return user;
}

export const AliasView = Type.Object({
  model: Type.String({ examples: ['movies'] }),
  alias: Type.String({ examples: ['stable'] }),
  version: Type.Integer({ description: 'The version that the alias points at.', examples: [3] }),
  updatedAt: Type.String({ format: 'date-time' }),
});

export const DeletionView = Type.Object({
  id: Type.String({ description: 'Keep it with your own record of the request.' }),
  at: Type.String({ format: 'date-time' }),
  what: Type.String({
    description: 'Never of whom: nothing of a deleted person is kept.',
    examples: ['user', 'interactions by itemId and type'],
  }),
  interactions: Type.Integer({ description: 'How many were deleted.' }),
});

export function viewDeletion(deletion: Deletion): Static<typeof DeletionView> {
  return { ...deletion, at: new Date(deletion.at).toISOString() };
}

export const RejectedRow = Type.Object({
  index: Type.Integer({ description: 'Place in the request, from 0.' }),
  reason: Type.String(),
});
export type RejectedRow = Static<typeof RejectedRow>;

const Rejected = Type.Array(RejectedRow);

export const InteractionsResult = Type.Object({
  accepted: Type.Integer({ description: 'Stored now; on disk.' }),
  duplicates: Type.Integer({ description: 'Stored before.' }),
  rejected: Rejected,
  warnings: Type.Optional(
    Type.Array(Type.String(), {
      description: 'Types that are stored and do not count until they are declared.',
    }),
  ),
});

export const UpsertResult = Type.Object({ accepted: Type.Integer(), rejected: Rejected });

function iso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
