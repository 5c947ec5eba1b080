import type { PopularityDefinition } from '../../domain/data/popularity.ts';
import type { PopularityState, PopularityStore } from './popularity-contract.ts';

/** Popularity is at most so old where new interactions come in, unless it takes longer than a twentieth of that. */
const EVERY_MS = 5_000;
/** A share of one core that is spent on it at most. */
const SHARE = 0.05;
/** Deletions are noticed by then. */
const LONGEST_MS = 600_000;

export interface PopularitySource {
  popularity: Pick<PopularityStore, 'state' | 'isOutdated' | 'compute'>;
}

/** The least age in milliseconds at which a table is computed anew. */
export function refreshAge({ tookMs }: PopularityState, everyMs = EVERY_MS): number {
  return Math.max(everyMs, tookMs / SHARE);
}

/** Says whether the table should be computed: there is none, or it has aged and interactions have come in since. */
export async function isDue(
  { isOutdated }: Pick<PopularityStore, 'isOutdated'>,
  state: PopularityState | null,
  now: number,
  everyMs = EVERY_MS,
): Promise<boolean> {
  if (!state) return true;
  const age = Math.abs(now - state.computedAt);
  if (age < refreshAge(state, everyMs)) return false;
  return age > LONGEST_MS || (await isOutdated(state));
}

/** Computes the table where it is due. @returns true where this process did it */
export async function refreshPopularity(
  { popularity }: PopularitySource,
  definition: PopularityDefinition,
  now: number,
  signal?: AbortSignal,
): Promise<boolean> {
  if (!(await isDue(popularity, await popularity.state(), now))) return false;
  return (await popularity.compute(definition, signal ? { signal } : {})) !== null;
}
