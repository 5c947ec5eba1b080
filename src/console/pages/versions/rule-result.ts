import type { RuleOutcome } from '../../../domain/releases/promotion.ts';

export interface RuleResult {
  tone: 'good' | 'warn' | 'bad';
  says: string;
}

/** Outcome of a rule as a tag. Green is only what was shown: neither what nobody measured nor what the test could not tell. */
export function ruleResult({ passed, decided }: Pick<RuleOutcome, 'passed' | 'decided'>): RuleResult {
  if (decided === 'nothing')
    return passed ? { tone: 'warn', says: 'not measured' } : { tone: 'bad', says: 'refused, not measured' };
  if (!passed) return { tone: 'bad', says: 'not passed' };
  return decided === 'estimate'
    ? { tone: 'warn', says: 'passed, undecided' }
    : { tone: 'good', says: 'passed' };
}

const BY: Record<RuleOutcome['decided'], string> = {
  interval: 'by its interval',
  estimate: 'by the estimate, as the test was too small',
  figure: 'by the figure',
  nothing: 'could not be measured',
};

/** Names what decided: the figures that were set against a limit, and the limit where it is another one than the rule's own. */
export function decisionOf({ value, low, high, limit, decided, text }: RuleOutcome): string {
  if (decided === 'nothing' || value === null) return BY.nothing;
  const isInterval = decided === 'interval' && low !== undefined && high !== undefined;
  const measured = isInterval ? `${ruleFigure(low)} to ${ruleFigure(high)}` : ruleFigure(value);
  // Only the sentence has the limit of an estimate, and which end of an interval it was.
  const because = /; (?:not )?passed: (.+)\.$/s.exec(text)?.[1];
  if (because !== undefined) return `${measured}: ${because}`;
  return `${BY[decided]}: ${measured}${limit === null ? '' : ` against ${ruleFigure(limit)}`}`;
}

/** Rules are of differences, shares, bytes or microseconds: four digits say enough of each. */
export const ruleFigure = (value: number | null): string =>
  value === null ? '–' : String(Number(value.toPrecision(4)));
