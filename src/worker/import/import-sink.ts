import type { ImportSpec } from '../../domain/data/import.ts';
import type { ImportKind } from '../../domain/data/import-kind.ts';
import type { StoredInteraction } from '../../domain/data/interaction.ts';
import { usuallyMeant } from '../../domain/data/weighting.ts';
import type { ImportResult } from '../../domain/jobs/job.ts';
import {
  type InteractionOptions,
  type Parsed,
  parseInteraction,
  parseItem,
  parseUser,
} from '../../ingest/rows.ts';
import { createBatchBuilder, type InteractionBatch } from '../../store/data/batch.ts';
import type { Store } from '../../store/store.ts';

/** Collects checked rows of one kind and stores them together. */
export interface ImportSink {
  /** Why the row is refused, or null when it waits to be stored. */
  add(raw: unknown): string | null;
  waiting(): number;
  /** Stores what waits, in one transaction. @returns the users that it speaks of, too */
  flush(): Promise<{ accepted: number; duplicates: number; users?: readonly string[] }>;
  /** Rows that were stored by their types, where nobody says what the type means. */
  unknownTypes?: Map<string, number>;
  /** Stores all rows when the last has come, where they count as a whole only. Until then nothing is stored. */
  finish?(): Promise<Pick<ImportResult, 'accepted' | 'duplicates' | 'coverage'>>;
}

interface SinkOptions extends InteractionOptions {
  /** True: rows are stored in the order of the file. Asked when the first of them is stored. */
  inOrder?: () => boolean;
}

export function createImportSink(
  { interactions, catalogue, exports }: Pick<Store, 'interactions' | 'catalogue' | 'exports'>,
  kind: Exclude<ImportKind, 'teacher'>,
  now: () => number,
  { dryRun = false }: Pick<ImportSpec, 'dryRun'> = {},
  { inOrder = () => false, ...options }: SinkOptions = {},
): ImportSink {
  const stored = <T>(store: (rows: T[]) => Promise<number>) =>
    dryRun ? async (rows: T[]) => rows.length : store;
  switch (kind) {
    case 'interactions': {
      // Rows that this import stores itself are none that were there before.
      let before: Promise<number> | undefined;
      const unknownTypes = new Map<string, number>();
      const { installed = usuallyMeant } = options;
      const stored = interactionSink(
        (raw) => parseInteraction(raw, now(), { ...options, keepsSource: true }),
        async (batch) => {
          for (const [type, rows] of rowsOfTypes(batch))
            if (installed(type) === null) unknownTypes.set(type, (unknownTypes.get(type) ?? 0) + rows);
          if (dryRun) return batch.length;
          before ??= exports.newestInteraction();
          return interactions.addBatch({ ...batch, inOrder: inOrder(), knownUpTo: await before });
        },
      );
      return { ...stored, unknownTypes };
    }
    case 'items':
      return sink(
        parseItem,
        stored(async (rows) => {
          await catalogue.putItems(rows);
          return rows.length;
        }),
      );
    case 'users':
      return sink(
        parseUser,
        stored(async (rows) => {
          await catalogue.putUsers(rows);
          return rows.length;
        }),
      );
  }
}

/** Items are nobody's. */
const usersOf = (row: unknown) => (row as { userId?: string }).userId ?? [];

function rowsOfTypes({ types, type }: InteractionBatch): [type: string, rows: number][] {
  const rows = types.map(() => 0);
  for (const place of type) rows[place]!++;
  return types.map((name, place) => [name, rows[place]!]);
}

/** They are many, and wait in columns. */
function interactionSink(
  parse: (raw: unknown) => Parsed<StoredInteraction>,
  store: (batch: InteractionBatch) => Promise<number>,
): ImportSink {
  const rows = createBatchBuilder();
  return {
    add(raw) {
      const parsed = parse(raw);
      if ('reason' in parsed) return parsed.reason;
      rows.add(parsed.ok);
      return null;
    },
    waiting: rows.length,
    async flush() {
      const batch = rows.take();
      const { length, users } = batch;
      const accepted = await store(batch);
      return { accepted, duplicates: length - accepted, users };
    },
  };
}

function sink<T>(parse: (raw: unknown) => Parsed<T>, store: (rows: T[]) => Promise<number>): ImportSink {
  let rows: T[] = [];
  return {
    add(raw) {
      const parsed = parse(raw);
      if ('reason' in parsed) return parsed.reason;
      rows.push(parsed.ok);
      return null;
    },
    waiting: () => rows.length,
    async flush() {
      const batch = rows;
      rows = [];
      const accepted = await store(batch);
      return { accepted, duplicates: batch.length - accepted, users: batch.flatMap(usersOf) };
    },
  };
}
