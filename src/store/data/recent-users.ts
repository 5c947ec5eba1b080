import { hashOfId } from '../../core/id-hash.ts';
import type { ExportStore, InteractionPosition } from './contract.ts';

/** Interactions among which users are looked for. */
const NEWEST_ROWS = 50_000;
const PAGE = 1000;
/** So that the same users come in the same order each time. */
const SEED = 17;

/**
 * Users who did something lately, as those have what a version has not learned from, in an order that has nothing to do with when.
 * @param most how many of them
 */
export async function recentUsers(
  exports: Pick<ExportStore, 'newestInteraction' | 'interactions'>,
  most: number,
): Promise<string[]> {
  const newest = await exports.newestInteraction();
  const found = new Set<string>();
  let after: InteractionPosition | null = { seq: Math.max(0, newest - NEWEST_ROWS), timestamp: null };
  while (after !== null) {
    const page: Awaited<ReturnType<typeof exports.interactions>> = await exports.interactions(
      after,
      newest,
      PAGE,
      {},
    );
    for (const { userId } of page.rows) found.add(userId);
    after = page.next;
  }
  return [...found].sort((a, b) => hashOfId(a, SEED) - hashOfId(b, SEED)).slice(0, most);
}
