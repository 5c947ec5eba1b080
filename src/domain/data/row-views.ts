import type { Static, TSchema } from 'typebox';
import { Type } from 'typebox';
import { Id } from '../base/id.ts';
import { Features, type StoredItem, type StoredUser } from './catalogue.ts';
import { EventContext, InteractionType, type StoredInteraction } from './interaction.ts';

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

function iso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
