import type { StoredInteraction } from '../../domain/data/interaction.ts';

interface InteractionRow {
  user_id: string;
  item_id: string;
  type: string;
  value: number | null;
  timestamp: number | null;
  event_id: string | null;
  received: number;
  context: string | null;
}

export function toInteraction(row: InteractionRow): StoredInteraction {
  return {
    userId: row.user_id,
    itemId: row.item_id,
    type: row.type,
    value: row.value,
    timestamp: row.timestamp,
    eventId: row.event_id,
    ...(row.received === 1 && { received: true }),
    ...(row.context !== null && { context: JSON.parse(row.context) }),
  };
}
