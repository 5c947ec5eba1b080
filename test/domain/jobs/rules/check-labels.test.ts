import { describe, expect, it } from 'vitest';
import { completeDistillation } from '../../../../src/domain/jobs/complete-distillation.ts';
import type { DistillationSpec } from '../../../../src/domain/jobs/distillation-spec.ts';
import { distillationProblem } from '../../../../src/domain/jobs/rules/check-distillation.ts';

const labels = { of: 'items', from: 'categories' } as const;
const job = (spec: Partial<DistillationSpec>) =>
  distillationProblem({ model: 'm', task: 'multi-label', labels, ...spec });

describe('a job that learns labels', () => {
  it('has a teacher, a split and a least number of its own by default', () => {
    expect(completeDistillation({ model: 'm', task: 'multi-label', labels })).toMatchObject({
      teacher: { kind: 'multilabel' },
      labels: { ...labels, minimum: 5 },
      dataset: { split: { strategy: 'random', testFraction: 0.2, validationFraction: 0.1 } },
      evaluation: { k: [1, 3] },
    });
  });

  it.each<Partial<DistillationSpec>>([
    {},
    { labels: { of: 'users', from: 'features.interests', features: [] } },
    { labels: { of: 'items', from: 'features.genres', names: ['a'], features: ['title', 'categories'] } },
    { teacher: { kind: 'multilabel', hidden: [64], dropout: 0.2 } },
    { distillation: { losses: [{ kind: 'softLabels', temperature: 3, weight: 2 }, { kind: 'hardLabels' }] } },
    { publish: { teacher: true } },
    { teacher: { model: 'genres', version: 2 }, labels: { ...labels, names: ['Drama'] } },
    { dataset: { types: { view: {} }, split: { strategy: 'random', testFraction: 0.3 } } },
  ])('may say %j', (spec) => {
    expect(job(spec)).toBeNull();
  });

  it.each<[Partial<DistillationSpec>, RegExp]>([
    [{ labels: undefined } as never, /labels is missing; .*"from":"categories"/],
    [
      { labels: { of: 'users', from: 'categories' } },
      /labels.from must be items or features.NAME for the labels of users; got "categories"/,
    ],
    [{ labels: { of: 'items', from: 'genres' } }, /must be labels, categories or features.NAME .*"genres"/],
    [{ labels: { of: 'items', from: 'features.' } }, /labels.from must be/],
    [
      { labels: { ...labels, features: ['title', 'categories'] } },
      /labels.features\[1\] is categories, which is what is to be predicted/,
    ],
    [{ labels: { of: 'users', from: 'features.a', features: ['a'] } }, /labels.features\[0\] is a/],
    [{ evaluation: { unseenUsers: 0.1 } }, /evaluation.unseenUsers does not apply to labels/],
    [{ task: 'single-label' }, /labels belongs to the task multi-label/],
    [
      { task: 'single-label', labels: undefined, teacher: { kind: 'multilabel' } } as never,
      /teacher.kind multilabel .*"task": "multi-label"/,
    ],
    [{ teacher: { kind: 'ease' } }, /teacher.kind ease gives no probabilities of labels/],
    [
      { teacher: { model: 'movies' }, labels: { of: 'users', from: 'items' } },
      /teacher.kind stored gives no probabilities/,
    ],
    [{ teacher: { model: 'genres', part: 'student' } }, /teacher.part student does not apply to labels/],
    [
      { teacher: { model: 'genres' }, labels: { ...labels, features: ['title'] } },
      /labels.features does not apply to a successor/,
    ],
    [{ teacher: { kind: 'multilabel', hidden: [64, 32] } }, /teacher.hidden must name one width .*\[64,32\]/],
    [{ student: { kind: 'fold-in', tied: true } }, /student.tied does not apply to labels/],
    [{ student: { kind: 'fold-in', quantization: 'int4' } }, /student.quantization int8/],
    [{ student: { kind: 'sequential' } }, /student.kind is fold-in/],
    [{ distillation: { losses: [{ kind: 'rce-kd' }] } }, /losses\[0\].kind rce-kd compares orders/],
    [
      { distillation: { losses: [{ kind: 'softLabels', top: 3 }] } },
      /losses\[0\].top does not apply to labels/,
    ],
    [
      { distillation: { losses: [{ kind: 'softLabels', weight: { from: 1, to: 2 } as never }] } },
      /losses\[0\].weight must be a number for labels/,
    ],
    [{ distillation: { transfer: 'svd' } }, /distillation.transfer svd does not apply to labels/],
    [{ features: { items: true } }, /what labels are read from is labels.features/],
    [
      { dataset: { split: { strategy: 'leave-last-out' } } },
      /strategy leave-last-out holds out interactions/,
    ],
    [
      {
        tasks: [
          { name: 'a', types: ['a'] },
          { name: 'b', types: ['b'] },
        ],
      },
      /tasks are several kinds of behaviour/,
    ],
  ])('is refused for %j', (spec, reason) => {
    expect(job(spec)).toMatch(reason);
  });
});
