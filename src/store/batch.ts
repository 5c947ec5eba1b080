import type { StoredInteraction } from '../domain/interaction.ts';

/** Interactions in columns: each name once, and rows that say which. So a thread or a server gets them cheaply. */
export interface InteractionBatch {
  length: number;
  users: string[];
  items: string[];
  types: string[];
  /** Places in `users`, `items` and `types`. */
  user: Int32Array;
  item: Int32Array;
  type: Int32Array;
  /** NaN where there is none. */
  value: Float64Array;
  /** Milliseconds, NaN where there is none. */
  timestamp: Float64Array;
  /** Null where no row has one. */
  eventIds: (string | null)[] | null;
}

export function toBatch(rows: readonly StoredInteraction[]): InteractionBatch {
  const { length } = rows;
  const users = createNames();
  const items = createNames();
  const types = createNames();
  const batch: InteractionBatch = {
    length,
    users: users.names,
    items: items.names,
    types: types.names,
    user: new Int32Array(length),
    item: new Int32Array(length),
    type: new Int32Array(length),
    value: new Float64Array(length),
    timestamp: new Float64Array(length),
    eventIds: rows.some(({ eventId }) => eventId !== null) ? rows.map(({ eventId }) => eventId) : null,
  };
  for (let i = 0; i < length; i++) {
    const { userId, itemId, type, value, timestamp } = rows[i]!;
    batch.user[i] = users.placeOf(userId);
    batch.item[i] = items.placeOf(itemId);
    batch.type[i] = types.placeOf(type);
    batch.value[i] = value ?? Number.NaN;
    batch.timestamp[i] = timestamp ?? Number.NaN;
  }
  return batch;
}

/** The memory that can be handed over instead of copied. */
export function buffersOf({ user, item, type, value, timestamp }: InteractionBatch): ArrayBuffer[] {
  return [user, item, type, value, timestamp].map(({ buffer }) => buffer as ArrayBuffer);
}

/**
 * The rows of each user one after the other, in their own order.
 * @param rank of each place in `users`: which user comes first
 */
export function orderByUser(
  user: Int32Array,
  rank: (place: number) => number = (place) => place,
): Int32Array {
  const { length } = user;
  const keys = Float64Array.from(user, (place, i) => rank(place) * length + i).sort();
  if (length > 0 && !Number.isSafeInteger(keys.at(-1))) throw new RangeError('too many rows at once');
  return Int32Array.from(keys, (key) => key % length);
}

function createNames() {
  const names: string[] = [];
  const places = new Map<string, number>();
  return {
    names,
    placeOf(name: string): number {
      let place = places.get(name);
      if (place === undefined) {
        place = names.push(name) - 1;
        places.set(name, place);
      }
      return place;
    },
  };
}
