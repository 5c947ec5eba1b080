import { completeEvent, type EventMeaning } from './event-type.ts';
import type { Installed } from './weighting.ts';

/** What types mean where some are declared; of the others their usual meaning, or null. */
export function installedFrom(declared: Iterable<{ type: string; meaning: EventMeaning }>): Installed {
  const meanings = new Map<string, EventMeaning | null>();
  for (const { type, meaning } of declared) meanings.set(type, meaning);
  return (type) => {
    const known = meanings.get(type);
    if (known !== undefined) return known;
    return completeEvent(type);
  };
}
