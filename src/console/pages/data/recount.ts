import { useEffect, useState } from 'preact/hooks';
import type { Stats } from '../../../domain/data/stats.ts';
import type { Got } from '../../hooks.ts';

/** The api counts anew at most so often. */
const COUNTED_MS = 60_000;
const LEAST_MS = 2_000;

/**
 * Milliseconds until the api counts anew. The clocks of api and browser may differ, so that it is never longer than one round, and
 * never at once.
 * @param computedAt of the counts that the api has
 * @param now in milliseconds
 */
export function untilRecount(computedAt: string, now: number): number {
  const due = Date.parse(computedAt) + COUNTED_MS + 1000 - now;
  return Math.min(COUNTED_MS, Math.max(LEAST_MS, due));
}

/**
 * Asks for the counts again until they are newer than those that were known when rows were stored.
 * @returns what is to be called when rows have been stored
 */
export function useRecount({ data, reload }: Pick<Got<Stats>, 'data' | 'reload'>): () => void {
  const [stale, setStale] = useState<string | null>(null);
  useEffect(() => {
    if (data === null || data.computedAt !== stale) return;
    const timer = setTimeout(reload, untilRecount(data.computedAt, Date.now()));
    return () => clearTimeout(timer);
  }, [data, stale]);
  return () => {
    setStale(data?.computedAt ?? null);
    reload();
  };
}
