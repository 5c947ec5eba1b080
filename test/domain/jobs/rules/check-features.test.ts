import { describe, expect, it } from 'vitest';
import { completeDistillation } from '../../../../src/domain/jobs/complete-distillation.ts';
import type { DistillationSpec } from '../../../../src/domain/jobs/distillation-spec.ts';
import { distillationProblem } from '../../../../src/domain/jobs/rules/check-distillation.ts';

const problemOf = (spec: Omit<DistillationSpec, 'model'>) =>
  distillationProblem({ model: 'movies', ...spec });

describe('features of a job', () => {
  it('may go with what reads them, also once they are completed', () => {
    const spec = { features: { users: ['age'] } };
    expect(problemOf(spec)).toBeNull();
    const complete = completeDistillation({ model: 'movies', ...spec });
    expect(complete.features).toEqual({ users: ['age'], buckets: 65_536, training: false });
    const trained = (features: object) => completeDistillation({ model: 'movies', features }).features;
    expect(trained({ users: ['age'], training: true })).toMatchObject({ hideUsers: 0.2 });
    expect(trained({ users: ['age'], hideUsers: 0.1 })).toMatchObject({ training: true, hideUsers: 0.1 });
    expect(distillationProblem(complete)).toBeNull();
    expect(
      problemOf({ features: { items: true, hideItems: 0.1 }, evaluation: { coldItems: 0.1 } }),
    ).toBeNull();
  });

  it.each<[Omit<DistillationSpec, 'model'>, string]>([
    [{ features: {} }, 'features must name fields of items or of users'],
    [
      { features: { users: true, training: false, hideUsers: 0.1 } },
      'features.hideUsers is a part of training',
    ],
    [{ features: { users: true, hideItems: 0.1 } }, 'features.hideItems needs features.items'],
    [{ features: { items: true, hideUsers: 0.1 } }, 'features.hideUsers needs features.users'],
    [
      { task: 'sequential', evaluation: { coldItems: 0.1 } },
      'evaluation.coldItems holds out items for the task single-label alone',
    ],
    [{ teacher: { model: 'movies' }, evaluation: { coldItems: 0.1 } }, 'a stored teacher may have learned'],
    [{ features: { items: true }, task: 'sequential' }, 'features do not enter the task sequential'],
    [{ features: { items: true }, task: 'rating' }, 'features do not enter the task rating'],
    [
      { features: { items: true }, tasks: [{ name: 'a', types: ['click'] }] as never },
      'features do not enter a student with several tasks',
    ],
    [{ features: { items: true }, teacher: { model: 'movies' } }, 'successor of a stored version'],
    [
      { features: { items: true }, distillation: { freeze: [{ layer: 'userBias', epochs: 1 }] } },
      'distillation.freeze holds rows of items still',
    ],
  ])('refuses %j', (spec, detail) => {
    expect(problemOf(spec)).toContain(detail);
  });
});
