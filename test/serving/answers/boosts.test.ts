import { describe, expect, it } from 'vitest';
import { createStudentScorer } from '../../../src/scoring/student-scorer.ts';
import { boostsFor } from '../../../src/serving/answers/boosts.ts';
import type { LiveModel } from '../../../src/serving/models/live-model.ts';
import type { ActiveRules } from '../../../src/serving/views/rules.ts';
import { sampleWeights } from '../../artifact/sample-student.ts';

const ITEMS = 40;
const scorer = createStudentScorer(sampleWeights(ITEMS, 8));
const model = { scorer, items: Array.from({ length: ITEMS }, (_, i) => `item-${i}`) } as unknown as LiveModel;
const vector = () => scorer.userVector([3], [1]).slice();
const rules = (amounts: number[], factors: number[]) =>
  ({
    boostedRows: Int32Array.from(amounts.keys()),
    amounts: Float32Array.from(amounts),
    logFactors: Float32Array.from(factors, Math.log),
  }) as ActiveRules;

describe('boosts', () => {
  it('multiply the odds of two items by the factor, whatever the scale', () => {
    for (const scale of [0.5, 1, 20]) {
      const { amounts } = boostsFor(rules([0, 0], [4, 1]), model, vector(), scale)!;
      expect(Math.exp(scale * (amounts[0]! - amounts[1]!))).toBeCloseTo(4, 4);
    }
  });

  it('go by the spread of the scores where there is no scale: a factor of e is one standard deviation', () => {
    const scores = new Float32Array(ITEMS);
    scorer.kernel.scoresOf(
      vector(),
      Int32Array.from({ length: ITEMS }, (_, i) => i),
      scores,
    );
    const mean = scores.reduce((a, b) => a + b) / ITEMS;
    const deviation = Math.sqrt(scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / ITEMS);
    const { amounts } = boostsFor(rules([0, 1], [Math.E, 1 / Math.E]), model, vector(), undefined)!;
    expect(amounts[0]).toBeCloseTo(deviation, 5);
    expect(amounts[1]).toBeCloseTo(1 - deviation, 5);
  });

  it('of earlier releases add their amounts', () => {
    expect(boostsFor(rules([2.5, -1], [1, 1]), model, vector(), 3)!.amounts).toEqual(
      Float32Array.from([2.5, -1]),
    );
    expect(boostsFor(rules([], []), model, vector(), 3)).toBeNull();
    expect(boostsFor(null, model, vector(), 3)).toBeNull();
  });
});
