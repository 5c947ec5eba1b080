import { describe, expect, it } from 'vitest';
import { withCurrentNames } from '../../../src/domain/losses/former-names.ts';
import { LOSSES } from '../../../src/domain/losses/loss-spec.ts';

const specOf = (...losses: object[]) => ({ model: 'movies', distillation: { seed: 7, losses } });

describe('a spec with losses by their former names', () => {
  it.each<[object, object]>([
    [
      { kind: 'ranking', top: 5, ownItems: 'visible' },
      { kind: 'rrd', top: 5, ownItems: 'visible' },
    ],
    [
      { kind: 'rce', weight: 2 },
      { kind: 'rce-kd', weight: 2 },
    ],
    [
      { kind: 'correction', temperature: 4 },
      { kind: 'dcd', temperature: 4 },
    ],
    [{ kind: 'hint' }, { kind: 'fitnet' }],
    [
      { kind: 'experts', experts: 3 },
      { kind: 'de', experts: 3 },
    ],
    [
      { kind: 'topology', weight: 0.5 },
      { kind: 'ftd', weight: 0.5 },
    ],
    [{ kind: 'topology', groups: 1 }, { kind: 'ftd' }],
    [
      { kind: 'topology', groups: 4, weight: 0.5 },
      { kind: 'htd', groups: 4, weight: 0.5 },
    ],
  ])('has %j as %j', (former, now) => {
    const hard = { kind: 'hardLabels' };
    expect(withCurrentNames(specOf(hard, former))).toEqual(specOf(hard, now));
  });

  it('stays as it is where there are none', () => {
    for (const spec of [
      specOf(...LOSSES.map(({ kind }) => ({ kind }))),
      specOf({ kind: 'magic' }),
      { model: 'movies' },
      { distillation: { losses: 'ranking' } },
      { distillation: null },
      { distillation: { losses: [null, 'ranking', 3] } },
      null,
      'ranking',
    ])
      expect(withCurrentNames(spec)).toBe(spec);
  });
});

it('no former name is the name of a loss today', () => {
  const kinds = LOSSES.map(({ kind }) => kind);
  for (const { formerly } of LOSSES) if (formerly) expect(kinds).not.toContain(formerly.kind);
});
