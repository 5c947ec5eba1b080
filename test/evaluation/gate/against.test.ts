import { describe, expect, it } from 'vitest';
import { above, notWorse } from '../../../src/evaluation/gate/against.ts';

const around = (value: number, half: number) => ({ value, low: value - half, high: value + half });

describe('not worse by more than a margin of .01', () => {
  it.each([
    ['better', around(0.05, 0.01), true, 'interval'],
    ['as good, shown', around(0, 0.009), true, 'interval'],
    ['a little worse for certain, within the margin', around(-0.005, 0.004), true, 'interval'],
    ['worse for certain', around(-0.1, 0.05), false, 'interval'],
    ['worse for certain, perhaps within the margin', around(-0.009, 0.008), false, 'interval'],
    ['as good, of a small test', around(-0.002, 0.1), true, 'estimate'],
    ['one standard error below, of a small test', around(-0.05, 0.1), true, 'estimate'],
    ['more than that below', around(-0.052, 0.1), false, 'estimate'],
  ])('%s', (_what, difference, passed, decided) => {
    expect(notWorse(difference, 0.01)).toMatchObject({ passed, decided });
  });

  it('is refused where nothing is shown and the job wants it shown', () => {
    expect(notWorse(around(0, 0.009), 0.01, 'refuse').passed).toBe(true);
    expect(notWorse(around(0.02, 0.1), 0.01, 'refuse')).toMatchObject({ passed: false });
  });
});

describe('above popularity', () => {
  it.each([
    ['above for certain', around(0.1, 0.05), true, true],
    ['below for certain', around(-0.1, 0.05), false, false],
    ['a little below, perhaps', around(-0.01, 0.05), true, false],
    ['a little above, perhaps', around(0.01, 0.05), true, false],
    ['the same', around(0, 0), true, false],
  ])('%s: first, later', (_what, difference, first, later) => {
    expect([above(difference, true).passed, above(difference, false).passed]).toEqual([first, later]);
  });

  it('has to be shown where the job wants it shown', () => {
    expect(above(around(0.01, 0.05), true, 'refuse').passed).toBe(false);
    expect(above(around(0.1, 0.05), false, 'refuse').passed).toBe(true);
  });
});
