import { admit } from './gate.ts';
import type { Request, Sourced } from './request.ts';

/**
 * Puts pinned items where their rules say and lets the others move down. A pinned item shows whether it was seen or not,
 * but never where it breaks a condition of the request. Of two on one place the older rule's comes first. Positions are those
 * of the whole list, the pages before included.
 */
export async function placePins(items: readonly Sourced[], request: Request, k: number): Promise<Sourced[]> {
  const { rules, conditions } = request;
  if (!rules || rules.pins.length === 0) return [...items];
  const wanted = rules.pins
    .map((pin) => ({ ...pin, position: pin.position - request.before }))
    .filter(({ position }) => position > 0 && position <= k);
  const pins = await admit(
    conditions,
    wanted.map((pin) => ({ ...pin, source: 'rules' as const })),
  );
  const places = new Map(pins.map(({ itemId, position }) => [itemId, position]));
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
