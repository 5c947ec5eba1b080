import type { LiveModel } from '../models/live-model.ts';
import type { ActiveRules } from '../views/rules.ts';
import type { Boosts } from './rank-rows.ts';

/** Scores that the spread is taken from. */
const SAMPLED_ROWS = 1000;

/**
 * Computes what the rules add to scores for one user. A factor f on an item's probability is ln(f) on the scale on which the softmax
 * of the scores is a probability, so that it means the same after the next training. Where no scale was fitted the
 * standard deviation of the user's scores takes its place: a factor of e is one of them.
 *
 * @param vector the user's, as the scan gets it
 * @param scale factor on the scores that makes them logits; undefined where none was fitted
 */
export function boostsFor(
  rules: ActiveRules | null,
  model: LiveModel,
  vector: Float32Array,
  scale: number | undefined,
): Boosts | null {
  if (!rules || rules.boostedRows.length === 0) return null;
  const { boostedRows, amounts, logFactors } = rules;
  if (logFactors.every((factor) => factor === 0)) return { boostedRows, amounts };
  const unit = scale === undefined ? spreadOf(model, vector) : 1 / scale;
  return { boostedRows, amounts: amounts.map((amount, i) => amount + logFactors[i]! * unit) };
}

/** The standard deviation of a user's scores, over rows at equal distances. */
function spreadOf({ scorer, items }: LiveModel, vector: Float32Array): number {
  const step = Math.max(1, Math.ceil(items.length / SAMPLED_ROWS));
  const rows = Int32Array.from({ length: Math.ceil(items.length / step) }, (_, i) => i * step);
  const scores = new Float32Array(rows.length);
  scorer.kernel.scoresOf(vector, rows, scores);
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const squares = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0);
  return Math.sqrt(squares / scores.length);
}
