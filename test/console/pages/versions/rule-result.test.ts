import { expect, it } from 'vitest';
import { decisionOf, ruleResult } from '../../../../src/console/pages/versions/rule-result.ts';
import type { RuleOutcome } from '../../../../src/domain/releases/promotion.ts';
import { notWorse } from '../../../../src/evaluation/gate/against.ts';

const NEVER: RuleOutcome = {
  ...{ rule: 'live', value: null, limit: null, passed: true, decided: 'nothing' },
  text: 'It was not compared with version 1, which is live: too little is new. The other rules decide.',
};

it('is green only for what was shown', () => {
  expect(ruleResult(NEVER)).toEqual({ tone: 'warn', says: 'not measured' });
  expect(ruleResult({ ...NEVER, passed: false }).tone).toBe('bad');
  expect(ruleResult({ passed: true, decided: 'estimate' })).toEqual({
    tone: 'warn',
    says: 'passed, undecided',
  });
  expect(ruleResult({ passed: true, decided: 'interval' }).tone).toBe('good');
  expect(ruleResult({ passed: true, decided: 'figure' }).tone).toBe('good');
  expect(ruleResult({ passed: false, decided: 'estimate' }).tone).toBe('bad');
});

it('says which figures decided, and the limit of an estimate', () => {
  expect(decisionOf(NEVER)).toBe('could not be measured');
  const measured = { value: -0.01, low: -0.05, high: 0.03 };
  const { passed, decided, because } = notWorse(measured, 0.002);
  const row = { rule: 'live', ...measured, limit: -0.002, passed, decided };
  expect(decisionOf({ ...row, text: `Against it: -0.01; passed: ${because}.` })).toBe(
    '-0.01: the test is too small to tell, so the estimate decides: it may be 0.020 below',
  );
  expect(decisionOf({ ...row, decided: 'interval', text: 'Of an earlier release.' })).toBe(
    'by its interval: -0.05 to 0.03 against -0.002',
  );
});
