import { describe, expect, it } from 'vitest';
import { reportWithCurrentNames, withCurrentNames } from '../../../src/domain/losses/former-names.ts';
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

  it('is in a report that was stored, which is else handed out byte by byte', () => {
    const report = (kind: string) => ({ model: 'movies', settings: specOf({ kind, weight: 1 }), seed: 1 });
    const bytes = (kind: string) => Buffer.from(JSON.stringify(report(kind), null, 2));
    expect(JSON.parse(String(reportWithCurrentNames(bytes('ranking'))))).toEqual(report('rrd'));
    const now = bytes('rrd');
    expect(reportWithCurrentNames(now)).toBe(now);
  });
});

it('no former name is the name of a loss today', () => {
  const kinds = LOSSES.map(({ kind }) => kind);
  for (const { formerly } of LOSSES) if (formerly) expect(kinds).not.toContain(formerly.kind);
});
