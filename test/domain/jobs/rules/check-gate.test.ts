import { expect, it } from 'vitest';
import type { DistillationSpec } from '../../../../src/domain/jobs/distillation-spec.ts';
import { gateProblem, gateRules } from '../../../../src/domain/jobs/rules/check-gate.ts';

type Gate = NonNullable<DistillationSpec['publish']>['gate'];
const spec = (gate: Gate, more: Partial<DistillationSpec> = {}): DistillationSpec => ({
  model: 'movies',
  publish: { gate },
  ...more,
});

it.each<[string, DistillationSpec]>([
  ['none', { model: 'movies' }],
  ['off', spec('off')],
  ['figures of a ranking', spec(['ndcg@10 retained >= .97', 'coverage >= .2', 'hr@1 >= .1', 'p99 <= 1 ms'])],
  ['places that the job names', spec(['ndcg@5 >= .2'], { evaluation: { k: [5] } })],
  ['ratings', spec(['rmse <= .9'], { task: 'rating' })],
])('a gate is accepted with %s', (_what, good) => {
  expect(gateProblem(good)).toBeNull();
});

it.each<[string, DistillationSpec, RegExp]>([
  [
    'a metric that nobody knows',
    spec(['ndcg@10 >= .1', 'magic >= 1']),
    /^publish\.gate\[1\] names the metric magic.*it has ndcg@10, ndcg@20, .*bytes/,
  ],
  ['places that are not measured', spec(['ndcg@5 >= .2']), /ndcg@5.*it has ndcg@10/],
  ['a metric of rankings for ratings', spec(['ndcg@10 >= .2'], { task: 'rating' }), /it has rmse, mae/],
  ['a sentence', spec(['it should be good']), /^publish\.gate\[0\] must be METRIC/],
])('a gate is refused with %s', (_what, bad, reason) => {
  expect(gateProblem(bad)).toMatch(reason);
});

it('the rules of a job are those that it names', () => {
  expect(gateRules(spec(['bytes <= 2 kB']))).toMatchObject([{ metric: 'bytes', limit: 2000 }]);
  expect(gateRules(spec('off'))).toEqual([]);
});
