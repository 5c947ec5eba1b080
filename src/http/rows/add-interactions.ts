import type { Interaction, StoredInteraction } from '../../domain/data/interaction.ts';
import { amountOf } from '../../domain/data/meaning.ts';
import { unknownTypeWarning } from '../../domain/data/unknown-type.ts';
import type { Installed } from '../../domain/data/weighting.ts';
import { parseInteraction } from '../../ingest/rows.ts';
import { createInstalledEvents } from '../../serving/views/installed-events.ts';
import type { AddOutcome } from '../../store/data/contract.ts';
import type { Click } from '../../store/registry/contract.ts';
import { NO_COUNTS } from '../counts.ts';
import type { AppDeps } from '../deps.ts';
import type { RejectedRow } from '../views.ts';
import { parseRows } from './batch.ts';

export interface AddedRows {
  rejected: RejectedRow[];
  /** Outcomes of the good rows, in order. */
  outcomes: AddOutcome[];
  /** A sentence for each type that does not count. */
  warnings: string[];
}

/**
 * Checks posted interactions, each for itself, and stores the good ones in one transaction. Those that name the
 * recommendation they come from count as its clicks.
 */
export function createAddInteractions({
  store,
  now,
  servedLog,
  installedEvents = createInstalledEvents(store.eventTypes),
  counts = NO_COUNTS,
}: Pick<AppDeps, 'store' | 'now' | 'servedLog' | 'installedEvents' | 'counts'>) {
  return async (rows: readonly unknown[]): Promise<AddedRows> => {
    const time = now();
    const installed = await installedEvents.get();
    const options = { installed, timeOfReceipt: true };
    const { good, rejected } = parseRows(rows, (row) => parseInteraction(row, time, options));
    counts.rows('rejected', rejected.length);
    if (good.length === 0) return { rejected, outcomes: [], warnings: [] };
    const outcomes = await store.interactions.add(good);
    const accepted = outcomes.filter((outcome) => outcome === 'accepted').length;
    counts.rows('accepted', accepted);
    counts.rows('duplicate', outcomes.length - accepted);
    servedLog.click(clicksAmong(rows, good, rejected, installed));
    return { rejected, outcomes, warnings: unknownTypes(good, installed) };
  };
}

/** Good rows that name the recommendation they come from, and say that the item was liked: a dislike is no click-through. */
function clicksAmong(
  rows: readonly unknown[],
  good: readonly StoredInteraction[],
  rejected: readonly { index: number }[],
  installed: Installed,
): Click[] {
  const bad = new Set(rejected.map(({ index }) => index));
  const sent = rows.filter((_, index) => !bad.has(index));
  return good.flatMap(({ itemId, type, value }, i) => {
    const { recommendationId } = sent[i] as Partial<Interaction>;
    const meaning = installed(type);
    const isLiking = meaning !== null && amountOf(meaning, value) > 0;
    if (!recommendationId || !isLiking) return [];
    const isConversion = meaning.kind === 'purchase';
    return [{ recommendationId, itemId, type, ...(isConversion && { isConversion, value }) }];
  });
}

/** A warning for each type of which nobody says what it means. */
function unknownTypes(rows: readonly StoredInteraction[], installed: Installed): string[] {
  const unknown = new Set(rows.map(({ type }) => type).filter((type) => installed(type) === null));
  return [...unknown].map(unknownTypeWarning);
}
