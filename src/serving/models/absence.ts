import type { Slots, Waiting } from './slots.ts';

/**
 * Says why no version answers, as the part of a sentence.
 * @param name the model that was asked for; without one no model answers at all
 * @param alias the live alias
 */
export function whyAbsent(
  { slots, waiting, alias }: { slots: Slots; waiting: Waiting; alias: string },
  name: string | undefined,
): string {
  if (name !== undefined) return whyOf({ slots, waiting, alias }, name);
  const known = [...new Set([...slots.keys(), ...waiting.keys()])].sort();
  const shown = known.slice(0, 3).map((model) => whyOf({ slots, waiting, alias }, model));
  const more = known.length > 3 ? ` (and of ${known.length - 3} further models none can answer)` : '';
  return `there is no usable model yet${shown.length > 0 ? `: ${shown.join('; ')}` : ''}${more}`;
}

function whyOf({ slots, waiting, alias }: Parameters<typeof whyAbsent>[0], name: string): string {
  const slot = slots.get(name);
  if (slot) {
    const unsound = [slot.refused?.version, ...slot.unsound.keys()].filter((one) => one !== undefined);
    if (unsound.length === 0) return `model ${name} has no usable version yet`;
    const which = unsound.length === 1 ? 'version' : 'versions';
    return `model ${name} has no usable version: ${which} ${listed(unsound)} cannot be loaded`;
  }
  const newest = waiting.get(name);
  if (!newest) return `model ${name} has no usable version yet`;
  const { version, promotion, aliases } = newest;
  const failed = promotion?.rules.filter(({ passed }) => !passed).map(({ rule }) => rule) ?? [];
  if (promotion && !promotion.promoted && failed.length > 0) {
    const under = aliases.length > 0 ? ` as ${aliases.join(', ')}` : '';
    return `version ${version} of ${name} waits${under}: its gate refused it (${[...new Set(failed)].join(', ')})`;
  }
  return `no version of ${name} has the alias ${alias}; its newest is version ${version}`;
}

function listed(versions: readonly number[]): string {
  const [last, ...others] = [...versions].reverse();
  return others.length === 0 ? `${last}` : `${others.reverse().join(', ')} and ${last}`;
}
