import type { Request, Sourced } from './request.ts';

/**
 * Puts pinned items where their rules say and lets the others move down. A pinned item shows whether it was seen or
 * fits a filter, but never when it is hidden, unavailable or excluded. Of two on one place the older rule's comes first.
 */
export function placePins(
  items: readonly Sourced[],
  { rules, catalogue, exclude }: Pick<Request, 'rules' | 'catalogue' | 'exclude'>,
  k: number,
): Sourced[] {
  if (!rules || rules.pins.length === 0) return [...items];
  const places = new Map<string, number>();
  for (const { itemId, position } of rules.pins) {
    const isOut = exclude.has(itemId) || catalogue.isBlocked(itemId) || rules.isHidden(itemId);
    if (!isOut && position <= k && !places.has(itemId)) places.set(itemId, position);
  }
  const scores = new Map(items.map(({ itemId, score }) => [itemId, score]));
  const placed = items.filter(({ itemId }) => !places.has(itemId));
  const inOrder = [...places].sort(([, a], [, b]) => a - b);
  for (const [itemId, position] of inOrder) {
    placed.splice(Math.min(position - 1, placed.length), 0, {
      itemId,
      score: scores.get(itemId) ?? 0,
      source: 'rules',
    });
  }
  return placed.slice(0, k);
}
