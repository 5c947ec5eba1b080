import type { Static } from 'typebox';
import type { InteractionView, ItemView, UserView } from '../views.ts';

/** The cells of one row, in the order of the header; the names are those that POST /imports reads. */
export interface CsvShape<Row> {
  header: readonly string[];
  cells(row: Row): (string | number | boolean | null)[];
}

export const INTERACTIONS: CsvShape<Static<typeof InteractionView>> = {
  header: ['userId', 'itemId', 'type', 'value', 'timestamp', 'eventId', 'timestampSource', 'context'],
  cells: (row) => [
    row.userId,
    row.itemId,
    row.type,
    row.value,
    row.timestamp,
    row.eventId,
    row.timestampSource,
    row.context && JSON.stringify(row.context),
  ],
};

export const ITEMS: CsvShape<Static<typeof ItemView>> = {
  header: [
    'itemId',
    'title',
    'categories',
    'labels',
    'features',
    'hidden',
    'availableFrom',
    'availableUntil',
  ],
  cells: (item) => [
    item.itemId,
    item.title,
    item.categories.join('|'),
    item.labels.join('|'),
    JSON.stringify(item.features),
    String(item.hidden),
    item.availableFrom,
    item.availableUntil,
  ],
};

export const USERS: CsvShape<Static<typeof UserView>> = {
  header: ['userId', 'features'],
  cells: (user) => [user.userId, JSON.stringify(user.features)],
};
