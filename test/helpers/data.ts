import { createRng } from '../../src/core/rng.ts';
import type { Csr } from '../../src/dataset/matrix.ts';
import type { Pairs } from '../../src/dataset/split/split-parts.ts';
import type { StoredItem, StoredUser } from '../../src/domain/data/catalogue.ts';
import type { EventContext } from '../../src/domain/data/interaction.ts';
import type {
  InteractionColumns,
  Snapshots,
  TrainingSource,
} from '../../src/domain/data/interaction-source.ts';

export interface Row {
  user: string;
  item: string;
  type?: string;
  value?: number;
  timestamp?: number;
  context?: EventContext;
}

/** Rows as a source, and a store, that hands them out in chunks; keys are given in the order in which names first occur. */
export function sourceOf(
  rows: readonly Row[],
  chunk = 7,
  catalogue: { items?: StoredItem[]; users?: StoredUser[] } = {},
): TrainingSource & Snapshots {
  const keys = { users: keysOf(), items: keysOf(), types: keysOf() };
  const chunks: InteractionColumns[] = [];
  for (let from = 0; from < rows.length; from += chunk) {
    const part = rows.slice(from, from + chunk);
    chunks.push({
      length: part.length,
      userKey: Int32Array.from(part, (row) => keys.users.of(row.user)),
      itemKey: Int32Array.from(part, (row) => keys.items.of(row.item)),
      typeKey: Int32Array.from(part, (row) => keys.types.of(row.type ?? 'click')),
      value: Float64Array.from(part, (row) => row.value ?? Number.NaN),
      timestamp: Float64Array.from(part, (row) => row.timestamp ?? Number.NaN),
      context: part.map(({ context }) => (context ? JSON.stringify(context) : null)),
    });
  }
  const source: TrainingSource = {
    async *interactions() {
      yield* chunks;
    },
    dictionary: async (kind) => keys[kind].names,
    async *items() {
      yield catalogue.items ?? [];
    },
    async *users() {
      yield catalogue.users ?? [];
    },
  };
  return { ...source, snapshot: (read) => read(source) };
}

function keysOf() {
  const names = new Map<number, string>();
  const keys = new Map<string, number>();
  return {
    names,
    of(name: string): number {
      const key = keys.get(name) ?? keys.size + 1;
      keys.set(name, key);
      names.set(key, name);
      return key;
    },
  };
}

export function csrOf(matrix: readonly (readonly number[])[]): Csr {
  const indptr = [0];
  const indices: number[] = [];
  const values: number[] = [];
  for (const row of matrix) {
    row.forEach((value, column) => {
      if (value === 0) return;
      indices.push(column);
      values.push(value);
    });
    indptr.push(indices.length);
  }
  return {
    rows: matrix.length,
    columns: matrix[0]!.length,
    indptr: Int32Array.from(indptr),
    indices: Int32Array.from(indices),
    values: Float32Array.from(values),
  };
}

/** The pairs of a matrix, of users and items that are called by their places. */
export function pairsOf(matrix: Csr, firstSeen: Float64Array): Pairs {
  const ids = (length: number) => Array.from({ length }, (_, i) => String(i));
  return { users: ids(matrix.rows), items: ids(matrix.columns), matrix, firstSeen };
}

export function denseOf(m: Csr): number[][] {
  return Array.from({ length: m.rows }, (_, r) => {
    const row = new Array<number>(m.columns).fill(0);
    for (let p = m.indptr[r]!; p < m.indptr[r + 1]!; p++) row[m.indices[p]!] = m.values[p]!;
    return row;
  });
}

export const USERS_PER_BLOCK = 12;
const ITEMS_PER_BLOCK = 12;
export const WITHHELD = 3;
export const ITEMS = 2 * ITEMS_PER_BLOCK;

export const blockOfItem = (item: number) => Math.floor(item / ITEMS_PER_BLOCK);

export interface Blocks {
  /** [users, items] what each user has seen. */
  train: Csr;
  /** [users, items] the unseen items of the user's own block: a diagonal band, and the only right answer. */
  withheld: Csr;
}

/** Two blocks of users and items on the diagonal of the matrix; nobody looks into the other block. */
export function blocks(): Blocks {
  const isWithheld = (user: number, item: number) => {
    const distance = (item - user + 2 * ITEMS_PER_BLOCK) % ITEMS_PER_BLOCK;
    return distance < WITHHELD;
  };
  const matrix = (wanted: (user: number, item: number) => boolean) =>
    csrOf(
      Array.from({ length: 2 * USERS_PER_BLOCK }, (_, user) =>
        Array.from({ length: ITEMS }, (_, item) => {
          const own = blockOfItem(item) === Math.floor(user / USERS_PER_BLOCK);
          return own && wanted(user, item) ? 1 : 0;
        }),
      ),
    );
  return { train: matrix((u, i) => !isWithheld(u, i)), withheld: matrix(isWithheld) };
}

const FIRST_DAY = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;

/** The same blocks as interactions in random order, the withheld items being each user's newest. */
export function blockRows(seed = 5): Row[] {
  const rng = createRng(seed);
  const { train, withheld } = blocks();
  const rows: Row[] = [];
  for (const [part, hour] of [
    [train, 0],
    [withheld, 1000],
  ] as const) {
    for (let user = 0; user < part.rows; user++) {
      for (let p = part.indptr[user]!; p < part.indptr[user + 1]!; p++) {
        const item = part.indices[p]!;
        rows.push({
          user: `user ${String(user).padStart(2, '0')}`,
          item: `item/${String(item).padStart(2, '0')}`,
          timestamp: FIRST_DAY + (hour + item) * HOUR_MS,
        });
      }
    }
  }
  return rng.shuffle(rows);
}

/** Histories in the order in which they are written, the oldest first; no item twice in one. */
export function sequencesOf(histories: readonly (readonly number[])[], items: number): Csr {
  const indptr = [0];
  const indices: number[] = [];
  const order: number[] = [];
  for (const history of histories) {
    const places = history.map((item, place) => ({ item, place })).sort((a, b) => a.item - b.item);
    indices.push(...places.map(({ item }) => item));
    order.push(...places.map(({ place }) => place));
    indptr.push(indices.length);
  }
  return {
    rows: histories.length,
    columns: items,
    indptr: Int32Array.from(indptr),
    indices: Int32Array.from(indices),
    values: new Float32Array(indices.length).fill(1),
    order: Int32Array.from(order),
  };
}
