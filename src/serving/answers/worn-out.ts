import { problem } from '../../core/errors.ts';
import type { RecommendOptions } from '../../domain/answers/recommend-options.ts';
import { type NewServingPolicy, ROTATION_DAYS } from '../../domain/answers/serving-policy.ts';
import { IMPRESSION_TYPE } from '../../domain/data/interaction.ts';
import { amountOf } from '../../domain/data/meaning.ts';
import type { Installed } from '../../domain/data/weighting.ts';
import type { HistoryRow } from '../../store/data/contract.ts';

/** How often an item may be shown without a reaction, and within how many days. */
export interface Rotation {
  maxImpressions: number;
  rotationDays: number;
}

const DAY_MS = 86_400_000;

/**
 * How often an item may be shown: by the request, else by the policy of the model. Null for no limit.
 * @throws problem('invalid-request') for days without a number
 */
export function rotationOf(
  options: Pick<RecommendOptions, 'maxImpressions' | 'rotationDays'>,
  policy: NewServingPolicy | null,
): Rotation | null {
  const maxImpressions = options.maxImpressions ?? policy?.maxImpressions;
  if (options.rotationDays !== undefined && maxImpressions === undefined) {
    throw problem(
      'invalid-request',
      'rotationDays needs maxImpressions: how often an item may be shown within these days, such as 3.',
    );
  }
  const rotationDays = options.rotationDays ?? policy?.rotationDays ?? ROTATION_DAYS;
  return maxImpressions ? { maxImpressions, rotationDays } : null;
}

/**
 * Items that were shown so often that they have to rest: within the days, and with nothing positive said of them since.
 * Impressions without a time do not count; types that are declared with the kind impression do.
 *
 * @param history newest first
 * @param meaningOf meanings of the types, as the model that answers has them
 */
export function wornOut(
  history: readonly HistoryRow[],
  { maxImpressions, rotationDays }: Rotation,
  meaningOf: Installed,
  now: number,
): ReadonlySet<string> {
  const since = now - rotationDays * DAY_MS;
  const shown = new Map<string, number>();
  const reacted = new Set<string>();
  const worn = new Set<string>();
  for (const { itemId, type, value, timestamp } of history) {
    if (reacted.has(itemId)) continue;
    const meaning = meaningOf(type);
    if (type !== IMPRESSION_TYPE && meaning?.kind !== IMPRESSION_TYPE) {
      if (meaning && amountOf(meaning, value) > 0) reacted.add(itemId);
    } else if (timestamp !== null && timestamp > since) {
      const count = (shown.get(itemId) ?? 0) + 1;
      shown.set(itemId, count);
      if (count >= maxImpressions) worn.add(itemId);
    }
  }
  return worn;
}
