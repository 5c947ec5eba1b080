import { type Moments, meanOf, varianceOf } from './moments.ts';

/** Difference of two means, as it may be looked at at any time and as often as one likes. */
export interface Difference {
  /** Mean of the candidate less that of the control. */
  estimate: number;
  /** With a probability of 1 - alpha the true difference is between low and high at all times at once. */
  low: number;
  high: number;
  /** Always-valid p-value: with no difference it falls below alpha at any time with at most the probability alpha. */
  pValue: number;
}

/**
 * Compares two groups of users at any time, without a number of looks that is fixed before.
 *
 * The interval is the asymptotic confidence sequence with the normal mixture (Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas:
 * Time-uniform central limit theory and asymptotic confidence sequences, Annals of Statistics 2024, Theorem 2.2, for the difference of
 * two means as in section 3 without covariates); the p-value is that of the same mixture (mixture SPRT, always-valid p-values:
 * Johari, Koomen, Pekelis, Walsh: Always Valid Inference, Operations Research 2022, sections 3 and 4).
 *
 * It holds for users that are independent of each other, each observed once, in the order in which they come, and from a number of
 * users on at which their mean is about normal.
 *
 * @param planned number of users at which the interval is narrowest; it must not depend on what was observed
 * @returns null while nothing can be said: fewer than two users in a group, or no variance
 */
export function compareMeans(
  control: Moments,
  candidate: Moments,
  { alpha, planned }: { alpha: number; planned: number },
): Difference | null {
  if (control.users < 2 || candidate.users < 2) return null;
  const variance = varianceOfDifference(control, candidate);
  if (!(variance > 0)) return null;
  const estimate = meanOf(candidate) - meanOf(control);
  const users = control.users + candidate.users;
  const spread = users * mixtureVariance(alpha, planned);
  const half = Math.sqrt(variance * ((spread + 1) / spread) * 2 * Math.log(Math.sqrt(spread + 1) / alpha));
  const evidence = (spread / (spread + 1)) * ((estimate * estimate) / (2 * variance));
  return {
    estimate,
    low: estimate - half,
    high: estimate + half,
    pValue: Math.min(1, Math.sqrt(spread + 1) * Math.exp(-evidence)),
  };
}

/**
 * Variance of the difference of the means. A group that varies less than both together is taken to vary as these do: of a few users
 * none may have reacted by chance, and nothing that they all did would seem certain.
 */
function varianceOfDifference(a: Moments, b: Moments): number {
  const [own, other] = [varianceOf(a), varianceOf(b)];
  const pooled = ((a.users - 1) * own + (b.users - 1) * other) / (a.users + b.users - 2);
  return Math.max(own, pooled) / a.users + Math.max(other, pooled) / b.users;
}

/** Variance of the mixture, in units of the variance of one user, that makes the interval narrowest at `planned` users (appendix B.2 there). */
function mixtureVariance(alpha: number, planned: number): number {
  const twice = -2 * Math.log(alpha);
  return (twice + Math.log(twice + 1)) / planned;
}
