import type { StoredInteraction } from '../../domain/data/interaction.ts';

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
  /** 1 where the time is that of receipt; null where it is that of no row. */
  received: Uint8Array | null;
  /** JSON; null where no row has one. */
  contexts: (string | null)[] | null;
  /** Stored in this order, where a large batch is otherwise stored user by user. */
  inOrder?: boolean;
  /**
   * A row with a time of receipt that equals one stored up to this position is a duplicate of it. Without it such rows are told apart by
   * nothing, and each is one more.
   */
  knownUpTo?: number;
}

export function toBatch(rows: readonly StoredInteraction[]): InteractionBatch {
  const builder = createBatchBuilder(rows.length);
  for (const row of rows) builder.add(row);
  return builder.take();
}

export interface BatchBuilder {
  add(row: StoredInteraction): void;
  length(): number;
  /** Hands over what has been added; the builder starts anew. */
  take(): InteractionBatch;
}

/** Holds rows in a fraction of the memory of objects. */
export function createBatchBuilder(capacity = 1024): BatchBuilder {
  let length = 0;
  let columns = createColumns(capacity);
  let eventIds: (string | null)[] | null = null;
  let contexts: (string | null)[] | null = null;
  let received: number[] | null = null;
  let names = { users: createNames(), items: createNames(), types: createNames() };
  return {
    add({ userId, itemId, type, value, timestamp, eventId, received: isReceived, context }) {
      if (length === columns.user.length) columns = grown(columns);
      columns.user[length] = names.users.placeOf(userId);
      columns.item[length] = names.items.placeOf(itemId);
      columns.type[length] = names.types.placeOf(type);
      columns.value[length] = value ?? Number.NaN;
      columns.timestamp[length] = timestamp ?? Number.NaN;
      if (eventId !== null) eventIds ??= new Array(length).fill(null);
      eventIds?.push(eventId);
      if (context) contexts ??= new Array(length).fill(null);
      contexts?.push(context ? JSON.stringify(context) : null);
      if (isReceived) received ??= new Array(length).fill(0);
      received?.push(isReceived ? 1 : 0);
      length++;
    },
    length: () => length,
    take() {
      const { users, items, types } = names;
      const batch = {
        ...firstOf(columns, length),
        length,
        users: users.names,
        items: items.names,
        types: types.names,
        eventIds,
        contexts,
        received: received && Uint8Array.from(received),
      };
      length = 0;
      columns = createColumns(capacity);
      eventIds = null;
      contexts = null;
      received = null;
      names = { users: createNames(), items: createNames(), types: createNames() };
      return batch;
    },
  };
}

type Columns = Pick<InteractionBatch, 'user' | 'item' | 'type' | 'value' | 'timestamp'>;

const createColumns = (rows: number): Columns => ({
  user: new Int32Array(rows),
  item: new Int32Array(rows),
  type: new Int32Array(rows),
  value: new Float64Array(rows),
  timestamp: new Float64Array(rows),
});

function grown(columns: Columns): Columns {
  const larger = createColumns(Math.max(16, columns.user.length * 2));
  for (const [name, column] of Object.entries(columns)) larger[name as keyof Columns].set(column);
  return larger;
}

const firstOf = ({ user, item, type, value, timestamp }: Columns, length: number): Columns => ({
  user: user.subarray(0, length),
  item: item.subarray(0, length),
  type: type.subarray(0, length),
  value: value.subarray(0, length),
  timestamp: timestamp.subarray(0, length),
});

/** Some rows of a batch as objects again. */
export function rowsOf(batch: InteractionBatch, places: Int32Array): StoredInteraction[] {
  const { users, items, types, user, item, type, value, timestamp, eventIds, received, contexts } = batch;
  const orNull = (number: number) => (Number.isNaN(number) ? null : number);
  return Array.from(places, (i) => ({
    userId: users[user[i]!]!,
    itemId: items[item[i]!]!,
    type: types[type[i]!]!,
    value: orNull(value[i]!),
    timestamp: orNull(timestamp[i]!),
    eventId: eventIds?.[i] ?? null,
    ...(received?.[i] === 1 && { received: true }),
    ...(contexts?.[i] && { context: JSON.parse(contexts[i]) }),
  }));
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
