import { describe, expect, it } from 'vitest';
import { readGateRule } from '../../../src/domain/releases/gate-rule.ts';

describe('a rule of a gate', () => {
  it.each([
    ['ndcg@10 retained >= .97', { metric: 'ndcg@10', measure: 'retained', op: '>=', limit: 0.97 }],
    [
      'overlap@10 unseen >= .6',
      { metric: 'overlap@10', measure: 'value', among: 'unseen', op: '>=', limit: 0.6 },
    ],
    [
      'ndcg@10 unseen retained >= 90 %',
      { metric: 'ndcg@10', measure: 'retained', among: 'unseen', limit: 0.9 },
    ],
    ['bytes <= 2e6', { metric: 'bytes', op: '<=', limit: 2_000_000 }],
    ['bytes <= 2 MiB', { limit: 2 * 1024 * 1024 }],
    ['p99 <= .2 ms', { metric: 'p99', limit: 200 }],
    ['p99<=200us', { metric: 'p99', limit: 200 }],
    ['recall@10 items:tail >= 0.02', { metric: 'recall@10', among: 'items:tail', limit: 0.02 }],
    ['recall@10 history:1-10 >= 0.02', { among: 'history:1-10' }],
    ['rmse <= -1.5', { limit: -1.5 }],
  ])('is read from %s', (text, rule) => {
    expect(readGateRule(text)).toMatchObject({ text, ...rule });
  });

  it('is read from an object, times in milliseconds', () => {
    expect(readGateRule({ metric: 'p99', atMost: 0.2 })).toEqual({
      text: 'p99 <= 0.2 ms',
      metric: 'p99',
      measure: 'value',
      op: '<=',
      limit: 200,
    });
    expect(
      readGateRule({ metric: 'ndcg@10', measure: 'retained', among: 'unseen', atLeast: 0.9 }),
    ).toMatchObject({
      text: 'ndcg@10 retained unseen >= 0.9',
      among: 'unseen',
      limit: 0.9,
    });
  });

  it.each([
    ['ndcg@10', /must be METRIC .* got "ndcg@10"/],
    ['ndcg@10 = 3', /must be METRIC/],
    ['ndcg@10 >= high', /must be METRIC/],
    ['p99 <= .2', /must name the unit of p99: us, ms or s/],
    ['p99 <= 2 MB', /must name the unit of p99/],
    ['bytes <= 2 ms', /a unit that is none of bytes/],
    ['ndcg@10 >= 3 ms', /a unit that ndcg@10 does not have: ms/],
    ['ndcg@10 strangers >= .3', /"strangers", which is no kind of users; there are unseen, newer, taught/],
    ['ndcg@10 unseen taught >= .3', /more than one kind of users/],
    ['bytes unseen <= 3', /one figure of the whole student/],
    ['p99 retained <= 3 us', /one figure of the whole student|does not have/],
  ])('is refused as %s', (text, reason) => {
    expect(readGateRule(text)).toMatch(reason);
  });

  it.each([[{ metric: 'rmse' }], [{ metric: 'rmse', atLeast: 1, atMost: 2 }]])(
    'is refused as %o, which has not one limit',
    (rule) => {
      expect(readGateRule(rule)).toMatch(/one of atLeast and atMost/);
    },
  );
});
