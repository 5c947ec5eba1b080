import type { EventMeaning } from './event-meaning.ts';
import { completeEvent } from './event-type.ts';
import type { Installed } from './weighting.ts';

/** Meanings of types where some are declared; the others have their usual meaning, or null. */
export function installedFrom(declared: Iterable<{ type: string; meaning: EventMeaning }>): Installed {
  const meanings = new Map<string, EventMeaning | null>();
  for (const { type, meaning } of declared) meanings.set(type, meaning);
  return (type) => {
    const known = meanings.get(type);
    if (known !== undefined) return known;
    return completeEvent(type);
  };
}
