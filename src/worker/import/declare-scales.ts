import { scalesOf } from '../../domain/data/reading/preset-scales.ts';
import type { ReadingNotes } from '../../domain/data/reading/reading.ts';
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
