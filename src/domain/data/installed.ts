import type { EventMeaning } from './event-meaning.ts';
import { completeEvent } from './event-type.ts';
import type { Installed } from './weighting.ts';

/** Types whose usual meaning is remembered; senders may make up types without end. */
const REMEMBERED = 1000;

/** Meanings of types where some are declared; the others have their usual meaning, or null. */
export function installedFrom(declared: Iterable<{ type: string; meaning: EventMeaning }>): Installed {
  const meanings = new Map<string, EventMeaning | null>();
  for (const { type, meaning } of declared) meanings.set(type, meaning);
  return (type) => {
    const known = meanings.get(type);
    if (known !== undefined) return known;
    // Asked for each row of an import: putting a meaning together takes longer than all the rest of a row.
    const usual = completeEvent(type);
    if (meanings.size < REMEMBERED) meanings.set(type, usual);
    return usual;
  };
}
