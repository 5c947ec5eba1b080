import { expect, it } from 'vitest';
import { draftProblem, NO_DRAFT, trafficOf } from '../../../../src/console/pages/rollout/new-traffic.ts';
import { trafficProblem } from '../../../../src/domain/traffic/traffic.ts';

it('makes a body that the API takes', () => {
  const draft = {
    ...NO_DRAFT,
    variant: 'candidate',
    share: 30,
    metric: 'click-through' as const,
    experiment: ' may ',
  };
  expect(trafficOf({ ...draft, reason: 'a trial' })).toEqual({
    shares: { stable: 70, candidate: 30 },
    experiment: 'may',
    test: { metric: 'click-through', endAfter: { days: 28 } },
    reason: 'a trial',
  });
  expect(trafficProblem(trafficOf(draft))).toBeNull();
});

it('without a variant a shadow runs along, and nothing is tested', () => {
  const body = trafficOf({ ...NO_DRAFT, shadow: '2', metric: 'revenue' });
  expect(body).toEqual({ shares: { stable: 100 }, shadow: { version: '2', sample: 0.1 } });
  expect(trafficProblem(body)).toBeNull();
});

it('says what is missing or out of bounds', () => {
  expect(draftProblem(NO_DRAFT)).toMatch(/Choose a version/);
  for (const share of [0, 100, 1.5, Number.NaN]) {
    expect(draftProblem({ ...NO_DRAFT, variant: '2', share })).toMatch(/from 1 to 99/);
  }
  expect(draftProblem({ ...NO_DRAFT, variant: '2', share: 99 })).toBeNull();
});
