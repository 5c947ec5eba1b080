import { describe, expect, it } from 'vitest';
import { distillationProblem } from '../../src/domain/check-distillation.ts';
import type { DistillationSpec } from '../../src/domain/distillation-spec.ts';

const problemOf = (spec: Partial<DistillationSpec>) => distillationProblem({ model: 'movies', ...spec });
const ofLosses = (...losses: NonNullable<NonNullable<DistillationSpec['distillation']>['losses']>) =>
  problemOf({ distillation: { losses } });

describe('a job without contradictions', () => {
  it.each<Partial<DistillationSpec>>([
    {},
    { distillation: {} },
    {
      distillation: {
        losses: [
          { kind: 'softLabels', temperature: 4 },
          { kind: 'hardLabels', weight: 0.2 },
        ],
      },
    },
    { distillation: { losses: [{ kind: 'softLabels', weight: 0 }, { kind: 'hardLabels' }] } },
    { dataset: { types: { click: { weight: 0 }, purchase: {} } } },
    { dataset: { split: { strategy: 'last-fraction', testFraction: 0.5, validationFraction: 0.4 } } },
    { dataset: { split: { strategy: 'leave-last-out' } } },
  ])('has no problem: %j', (spec) => {
    expect(problemOf(spec)).toBeNull();
  });
});

describe('a contradiction in the losses', () => {
  it('is the same loss twice, named by the second', () => {
    expect(ofLosses({ kind: 'hardLabels' }, { kind: 'softLabels' }, { kind: 'hardLabels' })).toMatch(
      /^distillation\.losses\[2\]\.kind .*hardLabels/,
    );
  });

  it('is that none of them weighs anything', () => {
    expect(ofLosses({ kind: 'softLabels', weight: 0 }, { kind: 'hardLabels', weight: 0 })).toMatch(
      /^distillation\.losses .*weight/,
    );
  });

  it('is a temperature of a loss that has none', () => {
    expect(ofLosses({ kind: 'softLabels' }, { kind: 'hardLabels', temperature: 2 })).toMatch(
      /^distillation\.losses\[1\]\.temperature .*softLabels/,
    );
  });
});

describe('a contradiction in the data set', () => {
  it('is that no type is named', () => {
    expect(problemOf({ dataset: { types: {} } })).toMatch(/^dataset\.types /);
  });

  it('is that no type weighs anything', () => {
    expect(problemOf({ dataset: { types: { click: { weight: 0 }, view: { weight: 0 } } } })).toMatch(
      /^dataset\.types .*weight/,
    );
  });

  it.each(['testFraction', 'validationFraction'] as const)('is a %s for leave-last-out', (field) => {
    const split = { strategy: 'leave-last-out' as const, [field]: 0.2 };
    expect(problemOf({ dataset: { split } })).toMatch(
      new RegExp(`^dataset\\.split\\.${field} .*leave-last-out`),
    );
  });

  it('is that test and validation leave nothing for training', () => {
    const split = { strategy: 'last-fraction' as const, testFraction: 0.5, validationFraction: 0.5 };
    expect(problemOf({ dataset: { split } })).toMatch(/^dataset\.split .*nothing for training/);
  });
});
