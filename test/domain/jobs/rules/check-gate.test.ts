import { expect, it } from 'vitest';
import type { DistillationSpec } from '../../../../src/domain/jobs/distillation-spec.ts';
import { gateProblem, gateRules } from '../../../../src/domain/jobs/rules/check-gate.ts';
import { SEGMENT_NAMES } from '../../../../src/domain/releases/segment-names.ts';
import { HISTORY_CLASSES, ITEM_CLASSES } from '../../../../src/evaluation/segments.ts';

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
  ['limits at the ends', spec(['ndcg@10 >= 1', 'tau >= -1', 'coverage <= 0', 'loss >= 5', 'bytes >= 9'])],
  ['more than the teacher has', spec(['ndcg@10 retained >= 1.2'])],
  ['unseen users', spec(['overlap@10 unseen >= .6'], { evaluation: { unseenUsers: 0.2 } })],
  ['segments', spec(['recall@20 items:tail >= .1', 'recall@20 history:201+ >= .1'])],
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
  [
    'no finite number',
    spec(['ndcg@10 >= 1e400']),
    /^publish\.gate\[0\] has a limit that is no finite number/,
  ],
  [
    'a share above 1',
    spec([{ metric: 'ndcg@10', atLeast: 5 }]),
    /^publish\.gate\[0\] can never be passed: ndcg@10 is from 0 to 1; got >= 5$/,
  ],
  ['less than nothing', spec(['bytes <= -1']), /bytes is never below 0; got <= -1/],
  ['a correlation beyond -1', spec(['tau <= -2']), /tau is from -1 to 1/],
  ['a negative share', spec(['ndcg@10 retained <= -.1']), /a share of the teacher's is never below 0/],
  ['an error below 0', spec(['rmse <= -1.5'], { task: 'rating' }), /rmse is never below 0/],
  [
    'a segment that nobody knows',
    spec(['recall@20 items:nope >= .02']),
    /names the segment items:nope, which no report has; there are items:head, .*behaviour:51\+/,
  ],
  [
    'unseen users where there are none',
    spec(['overlap@10 unseen >= .6'], { evaluation: { unseenUsers: 0 } }),
    /asks for unseen users, and evaluation\.unseenUsers is 0/,
  ],
  ['a sentence', spec(['it should be good']), /^publish\.gate\[0\] must be METRIC/],
])('a gate is refused with %s', (_what, bad, reason) => {
  expect(gateProblem(bad)).toMatch(reason);
});

it('the rules of a job are those that it names', () => {
  expect(gateRules(spec(['bytes <= 2 kB']))).toMatchObject([{ metric: 'bytes', limit: 2000 }]);
  expect(gateRules(spec('off'))).toEqual([]);
});

it('the segments of reports are those that rules may name', () => {
  expect(SEGMENT_NAMES).toEqual(
    expect.arrayContaining([
      ...ITEM_CLASSES.map((name) => `items:${name}`),
      ...HISTORY_CLASSES.map(({ name }) => `history:${name}`),
    ]),
  );
});
