import { expect, it } from 'vitest';
import { brokenLimits } from '../../../src/domain/drift/drift-settings.ts';

it('some measures must not fall below their limits, others not rise above; what is not measured breaks nothing', () => {
  const limits = { ndcg: 0.1, ndcgRetained: 0.9, overlap: 0.5, popularityShare: 0.2, unknownItems: 0.3 };
  const fine = { ndcg: 0.1, ndcgRetained: 0.9, overlap: 0.5, popularityShare: 0.2, unknownItems: 0.3 };
  expect(brokenLimits(fine, limits)).toEqual([]);
  const bad = { ndcg: 0.09, ndcgRetained: 0.89, overlap: 0.49, popularityShare: 0.21, unknownItems: 0.31 };
  expect(brokenLimits(bad, limits).map(({ measure }) => measure)).toEqual(Object.keys(limits));
  expect(brokenLimits(bad, { overlap: 0.5, unknownItems: 0.3 })).toEqual([
    { measure: 'overlap', value: 0.49, limit: 0.5, text: 'overlap is 0.490, below its limit of 0.5.' },
    {
      measure: 'unknownItems',
      value: 0.31,
      limit: 0.3,
      text: 'unknownItems is 0.310, above its limit of 0.3.',
    },
  ]);
  expect(brokenLimits(bad, {})).toEqual([]);
  expect(brokenLimits({ overlap: null, unknownItems: 0 }, limits)).toEqual([]);
});
