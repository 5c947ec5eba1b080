import type { UserCounts } from '../engine/schema.ts';

interface Recommended {
  model: string;
  unit: string;
  epoch: number;
  variant: string;
  at: number;
  windowMs: number;
}

/**
 * The row after a recommendation; null where it stays as it was. A user belongs to the variant that answered first, for the window that
 * begins there; a comparison that began later takes the place of an earlier one.
 */
export function afterRecommendation(before: UserCounts | undefined, shown: Recommended): UserCounts | null {
  const { at, windowMs, ...own } = shown;
  if (!before || before.epoch < own.epoch) {
    return { ...own, until: at + windowMs, served: 1, clicked: 0, conversions: 0, revenue: 0 };
  }
  if (before.epoch !== own.epoch || before.variant !== own.variant || at >= before.until) return null;
  return { ...before, served: before.served + 1 };
}

interface Reaction {
  epoch: number;
  variant: string;
  at: number;
  /** True for the first to this recommendation. */
  isFirst: boolean;
  isConversion: boolean;
  value: number | null;
}

/** The row after a reaction to a recommendation that counted; null where it stays as it was. */
export function afterReaction(before: UserCounts | undefined, reaction: Reaction): UserCounts | null {
  const { epoch, variant, at, isFirst, isConversion, value } = reaction;
  if (!before || before.epoch !== epoch || before.variant !== variant || at >= before.until) return null;
  return {
    ...before,
    // Those of the recommendation that were counted are no more than were shown.
    clicked: Math.min(before.served, before.clicked + (isFirst ? 1 : 0)),
    conversions: before.conversions + (isConversion ? 1 : 0),
    revenue: before.revenue + (isConversion ? (value ?? 0) : 0),
  };
}
