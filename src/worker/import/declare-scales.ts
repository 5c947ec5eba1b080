import { installedFrom } from '../../domain/data/installed.ts';
import { scalesOf, withScalesOf } from '../../domain/data/reading/preset-scales.ts';
import type { ReadingNotes } from '../../domain/data/reading/reading.ts';
import type { Installed } from '../../domain/data/weighting.ts';
import type { EventTypeStore } from '../../store/data/contract.ts';

/**
 * Declares the scales that the file's preset is known for, where nobody has declared one, before its rows are stored: without that
 * the same ratings would be refused when they are posted or imported by another name.
 */
export async function declareScales(
  eventTypes: Pick<EventTypeStore, 'list' | 'put'>,
  notes: ReadingNotes,
): Promise<void> {
  const scales = scalesOf(notes.preset);
  if (scales.length === 0) return;
  const declared = new Set((await eventTypes.list()).map(({ type }) => type));
  for (const [type, meaning] of scales) {
    if (declared.has(type)) continue;
    await eventTypes.put(type, meaning);
    notes.declared = [...(notes.declared ?? []), type];
  }
}

/** Meanings of types for an import: the declared ones, then the scales of the preset that `notes` come to name. */
export async function meaningsFor(
  eventTypes: Pick<EventTypeStore, 'list'>,
  notes: ReadingNotes,
): Promise<Installed> {
  const declared = await eventTypes.list();
  const isDeclared = (type: string) => declared.some((event) => event.type === type);
  return withScalesOf(installedFrom(declared), isDeclared, () => notes.preset);
}
