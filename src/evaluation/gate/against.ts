import type { RuleOutcome } from '../../domain/releases/promotion.ts';
import type { Measured } from '../../domain/reports/measured.ts';

/** Judgement of a paired difference. */
export interface Judged extends Pick<RuleOutcome, 'passed' | 'decided'> {
  because: string;
}

/** Half a 95 % interval in standard errors. */
const Z = 1.96;

/**
 * Judges a paired difference, above 0 in favour of the student, as a test of non-inferiority (Wellek, Testing Statistical Hypotheses
 * of Equivalence and Noninferiority, 2010, ch. 1): not worse where the lower end of the interval is above the margin. Where the test
 * is too small for that, the interval holds 0 and the estimate decides: it may lie below by the margin or by one standard error,
 * whichever is more, so that an equal student is refused in about one of six cases, and a much worse one is not let through.
 * @param margin in units of the difference
 */
export function notWorse(
  { value, low, high }: Measured,
  margin: number,
  undecided: 'estimate' | 'refuse' = 'estimate',
): Judged {
  if (low >= -margin) {
    return { passed: true, decided: 'interval', because: 'the interval is above the margin' };
  }
  if (high < 0) return { passed: false, decided: 'interval', because: 'the interval is below 0' };
  if (undecided === 'refuse') {
    return {
      passed: false,
      decided: 'interval',
      because: 'the test is too small to show that it is not worse, and publish.undecided is refuse',
    };
  }
  const error = (high - low) / (2 * Z);
  const allowed = Math.max(margin, error);
  const passed = value >= -allowed;
  return {
    passed,
    decided: 'estimate',
    because: `the test is too small to tell, so the estimate decides: it may be ${allowed.toPrecision(2)} below`,
  };
}

/**
 * Judges a paired difference from popularity. Of labels that were shuffled a student learns nothing, and neither do the figures tell it
 * from the live version: so a student that replaces one must be shown to be above popularity.
 * @param isFirst nothing is live yet: only what is worse for certain is refused
 */
export function above(
  { low, high }: Pick<Measured, 'low' | 'high'>,
  isFirst: boolean,
  undecided: 'estimate' | 'refuse' = 'estimate',
): Judged {
  if (high < 0) return { passed: false, decided: 'interval', because: 'the interval is below 0' };
  if (low > 0) return { passed: true, decided: 'interval', because: 'the interval is above 0' };
  const passed = isFirst && undecided !== 'refuse';
  return {
    passed,
    decided: passed ? 'estimate' : 'interval',
    because: passed
      ? 'the interval holds 0, and nothing is live that would be lost'
      : 'the interval holds 0, so nothing shows that it is better',
  };
}
