import { ruleHolds } from '../../domain/answers/rule.ts';
import { isBlockedAt } from '../../domain/data/catalogue.ts';
import type { RunOptions } from './run-options.ts';

const CHUNK = 250;

/**
 * Reads which items /recommend shows to nobody at this moment: hidden, deleted, not available yet or no longer, or hidden by a
 * rule that holds for the model.
 * @param itemIds in the order of their rows
 * @returns their rows, ascending
 */
export async function readHidden(
  { catalogue, rules }: Pick<RunOptions['store'], 'catalogue' | 'rules'>,
  model: string,
  itemIds: readonly string[],
  now = Date.now(),
): Promise<Int32Array> {
  const restricted = (await catalogue.restrictedItems?.()) ?? [];
  const hides = ((await rules?.list()) ?? []).filter(
    (rule) => rule.action === 'hide' && ruleHolds(rule, model, now),
  );
  const hidden = new Set([
    ...restricted.filter((item) => isBlockedAt(item, now)).map(({ itemId }) => itemId),
    ...hides.flatMap(({ items }) => items),
  ]);
  const categories = new Set(hides.flatMap((rule) => rule.categories));
  for (let from = 0; categories.size > 0 && from < itemIds.length; from += CHUNK) {
    for (const item of await catalogue.getItems(itemIds.slice(from, from + CHUNK)))
      if (item.categories.some((name) => categories.has(name))) hidden.add(item.itemId);
  }
  return Int32Array.from(itemIds, (_, row) => row).filter((row) => hidden.has(itemIds[row]!));
}
