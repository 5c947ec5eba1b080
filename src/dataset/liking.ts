import { RATING_TYPE } from '../domain/data/interaction.ts';
import type { InteractionSource } from '../domain/data/interaction-source.ts';
import type { Weighting } from '../domain/data/weighting.ts';

/**
 * The weighting for the ratings that there are. Where no rating reaches the least value that counts as liking, a rating says only that
 * somebody took the item, as where every pair was sent with the same value: then all ratings count.
 * @returns the same weighting where some rating reaches it, or there are no ratings
 */
export async function suitedToRatings(source: InteractionSource, weighting: Weighting): Promise<Weighting> {
  const { [RATING_TYPE]: rule, ...others } = weighting.types;
  if (rule?.minValue === undefined) return weighting;
  const meaning = weighting.events?.[RATING_TYPE];
  const types = await source.dictionary('types');
  const ratings = [...types].find(([, name]) => name === RATING_TYPE)?.[0];
  if (ratings === undefined) return weighting;
  let some = false;
  for await (const { length, typeKey, value } of source.interactions()) {
    for (let i = 0; i < length; i++) {
      if (typeKey[i] !== ratings) continue;
      some = true;
      if (value[i]! >= rule.minValue) return weighting;
    }
  }
  if (!some) return weighting;
  const unread = meaning && { ...meaning, value: { as: 'none' as const } };
  return {
    ...weighting,
    types: { ...others, [RATING_TYPE]: { weight: rule.weight } },
    ...(unread && { events: { ...weighting.events, [RATING_TYPE]: unread } }),
  };
}
