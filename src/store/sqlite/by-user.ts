import { type InteractionBatch, orderByUser } from '../data/batch.ts';
import type { Connection } from './connection.ts';

const FIND_USER = 'SELECT user_key FROM users WHERE user_id = ?';

interface Part {
  batch: InteractionBatch;
  /** Which rows of the whole its rows are. */
  rows: Int32Array;
}

/**
 * A large batch in parts, each with the rows of some users, one user after the other. In the index of histories each
 * user has a place of their own: so a page of it is read, changed and written once for all of the batch, and not once
 * for a row, although no transaction is larger than a part. The rows of a user keep their order.
 */
export function* partsByUser(
  connection: Connection,
  batch: InteractionBatch,
  rowsPerPart: number,
): Generator<Part> {
  const order = batch.inOrder ? inOrder(batch.length) : byUser(connection, batch);
  for (let start = 0; start < order.length; start += rowsPerPart) {
    const rows = order.subarray(start, start + rowsPerPart);
    yield { rows, batch: select(batch, rows) };
  }
}

function byUser(connection: Connection, { users, user }: InteractionBatch): Int32Array {
  const rank = ranks(connection, users);
  return orderByUser(user, (place) => rank[place]!);
}

const inOrder = (length: number) => Int32Array.from({ length }, (_, i) => i);

/** Their keys; those who are new will get the next ones, in the order of their names here. */
function ranks(connection: Connection, users: readonly string[]): Float64Array {
  const find = connection.statement(FIND_USER).pluck();
  const keys = Float64Array.from(users, (id) => (find.get(id) as number | undefined) ?? -1);
  let next = keys.reduce((greatest, key) => Math.max(greatest, key), 0) + 1;
  return keys.map((key) => (key < 0 ? next++ : key));
}

function select(batch: InteractionBatch, rows: Int32Array): InteractionBatch {
  const { eventIds, contexts, received } = batch;
  const users = selectNames(batch.users, batch.user, rows);
  const items = selectNames(batch.items, batch.item, rows);
  const types = selectNames(batch.types, batch.type, rows);
  return {
    ...(batch.knownUpTo !== undefined && { knownUpTo: batch.knownUpTo }),
    length: rows.length,
    users: users.names,
    items: items.names,
    types: types.names,
    user: users.places,
    item: items.places,
    type: types.places,
    value: Float64Array.from(rows, (i) => batch.value[i]!),
    timestamp: Float64Array.from(rows, (i) => batch.timestamp[i]!),
    eventIds: eventIds && Array.from(rows, (i) => eventIds[i]!),
    contexts: contexts && Array.from(rows, (i) => contexts[i]!),
    received: received && Uint8Array.from(rows, (i) => received[i]!),
  };
}

function selectNames(all: readonly string[], place: Int32Array, rows: Int32Array) {
  const names: string[] = [];
  const placeHere = new Int32Array(all.length).fill(-1);
  const places = new Int32Array(rows.length);
  for (let n = 0; n < rows.length; n++) {
    const there = place[rows[n]!]!;
    if (placeHere[there] === -1) placeHere[there] = names.push(all[there]!) - 1;
    places[n] = placeHere[there]!;
  }
  return { names, places };
}
