import { type Static, Type } from 'typebox';
import type { DataSize } from '../../../dataset/data-size.ts';

/** Settings of every teacher that tells the next item. */
export const nextItemSettings = {
  dimensions: Type.Number(),
  /** Only the newest so many items of a history are looked at. */
  maxLength: Type.Number(),
  epochs: Type.Number(),
  batchSize: Type.Number(),
  learningRate: Type.Number(),
  /** Share of the units that are switched off at each step of training. */
  dropout: Type.Number(),
  weightDecay: Type.Number(),
  /** Share of the items of a history that are left out of it at each step of training. */
  itemDropout: Type.Number(),
  /** Items drawn at each step to stand for the catalogue in the softmax; 0 for all of it. */
  samples: Type.Number(),
};
const NextItemSettings = Type.Object(nextItemSettings);
export type NextItemSettings = Static<typeof NextItemSettings>;

/** Values of these settings for teachers that were stored before they existed. */
export const EARLIER_NEXT_ITEM = { itemDropout: 0, samples: 0 };

/** Nine passes over Amazon Beauty. */
const STEPS = 3000;
/**
 * Up to so many items the softmax goes over all of them. On the tuning part of Amazon Beauty (12,101 items) NDCG@10 on validation
 * was .0528 after five epochs and .0475 with 1,024 drawn; an epoch takes 18 s for 10 s.
 */
const SCORED_AT_ONCE = 20_000;
const ITEMS_DRAWN = 1024;

export function planNextItem(
  options: Partial<NextItemSettings>,
  { users, items }: DataSize,
): NextItemSettings {
  const batchSize = options.batchSize ?? 64;
  return {
    dimensions: options.dimensions ?? 96,
    maxLength: options.maxLength ?? 50,
    epochs: options.epochs ?? Math.min(200, Math.max(8, Math.ceil((STEPS * batchSize) / users))),
    batchSize,
    learningRate: options.learningRate ?? 0.003,
    dropout: options.dropout ?? 0.3,
    itemDropout: options.itemDropout ?? 0.3,
    samples: options.samples ?? (items <= SCORED_AT_ONCE ? 0 : ITEMS_DRAWN),
    weightDecay: options.weightDecay ?? 0.1,
  };
}
