import { problem } from '../../core/errors.ts';
import type { LiveModel } from '../models/live-model.ts';
import type { CurrentWords } from '../views/words.ts';
import { admit, type Conditions } from './gate.ts';

export interface Similar {
  itemId: string;
  score: number;
}

const PART = 250;

/**
 * The k items that share most with one by what the catalogue says of them, and fulfil the conditions.
 * @param model that does not know the item, or why there is none
 * @throws problem('not-found') where the catalogue does not know it either
 */
export async function similarByWords(
  words: CurrentWords,
  model: LiveModel | string,
  itemId: string,
  k: number,
  conditions: Conditions,
): Promise<Similar[]> {
  const { catalogue } = conditions;
  const [item] = await catalogue.items([itemId]);
  if (!item) {
    const named = JSON.stringify(itemId);
    throw problem(
      'not-found',
      typeof model === 'string'
        ? `The catalogue does not know the item ${named}, and ${model}.`
        : `Neither model ${model.name} version ${model.version} nor the catalogue knows the item ${named}.`,
    );
  }
  const ranked = (await words.get(catalogue.revision)).like(item);
  const found: Similar[] = [];
  for (let at = 0; at < ranked.length && found.length < k; at += PART) {
    found.push(...(await admit(conditions, ranked.slice(at, at + PART))));
  }
  return found.slice(0, k);
}
