import type { ImportKind } from '../../domain/data/import.ts';
import type { StoredInteraction } from '../../domain/data/interaction.ts';
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
  /** Stores what waits, in one transaction. */
  flush(): Promise<{ accepted: number; duplicates: number }>;
  /** Stores all rows when the last has come, where they count as a whole only. Until then nothing is stored. */
  finish?(): Promise<Pick<ImportResult, 'accepted' | 'duplicates' | 'coverage'>>;
}

export function createImportSink(
  { interactions, catalogue }: Pick<Store, 'interactions' | 'catalogue'>,
  kind: Exclude<ImportKind, 'teacher'>,
  now: () => number,
  dryRun = false,
  options: InteractionOptions = {},
): ImportSink {
  const stored = <T>(store: (rows: T[]) => Promise<number>) =>
    dryRun ? async (rows: T[]) => rows.length : store;
  switch (kind) {
    case 'interactions':
      return interactionSink(
        (raw) => parseInteraction(raw, now(), options),
        dryRun ? async (batch) => batch.length : interactions.addBatch,
      );
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
      const { length } = batch;
      const accepted = await store(batch);
      return { accepted, duplicates: length - accepted };
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
      return { accepted, duplicates: batch.length - accepted };
    },
  };
}
