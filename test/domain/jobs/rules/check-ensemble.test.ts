import { describe, expect, it } from 'vitest';
import { completeDistillation } from '../../../../src/domain/jobs/complete-distillation.ts';
import type { DistillationSpec } from '../../../../src/domain/jobs/distillation-spec.ts';
import type { MemberSpec } from '../../../../src/domain/teachers/several/ensemble.ts';
import { type EnsembleSpec, teacherOf } from '../../../../src/domain/teachers/teacher-spec.ts';
import { jobProblem } from '../../../helpers/job-problem.ts';

const EASE: MemberSpec = { kind: 'ease' };
const SOFTMAX: MemberSpec = { kind: 'softmax', hidden: [8] };
type Ensemble = Omit<EnsembleSpec, 'kind'>;
const problemOf = (teacher: object, more: Partial<DistillationSpec> = {}) =>
  jobProblem({ model: 'm', teacher: { kind: 'ensemble', ...teacher }, ...more });

describe('an ensemble of teachers', () => {
  it.each<Ensemble>([
    { members: [EASE, SOFTMAX] },
    { members: [EASE, { ...SOFTMAX, weight: 0 }], combine: 'distributions', temperature: 0.5 },
    {
      members: [EASE, { model: 'movies', version: 2 }, { kind: 'external', name: 'theirs' }],
      combine: 'rank-fusion',
      constant: 10,
    },
    { members: [SOFTMAX, SOFTMAX, EASE], combine: 'curriculum', weights: 'validation' },
    { members: [EASE, { kind: 'matrix-factorization', objective: 'bpr' }], combine: 'curriculum' },
  ])('may be %o', (teacher) => {
    expect(problemOf(teacher)).toBeNull();
  });

  it('is complete with the weight of every member, unless validation chooses', () => {
    const members: MemberSpec[] = [{ ...EASE, weight: 3 }, { model: 'movies' }];
    const complete = (more: Partial<Ensemble> = {}) =>
      completeDistillation({ model: 'm', teacher: { kind: 'ensemble', ...more, members } });
    expect(complete().teacher).toEqual({
      kind: 'ensemble',
      combine: 'average',
      weights: 'given',
      members: [
        { kind: 'ease', weight: 3 },
        { kind: 'stored', model: 'movies', weight: 1 },
      ],
    });
    expect(completeDistillation(complete())).toEqual(complete());
    const { members: chosen } = teacherOf(complete({ weights: 'validation' }).teacher, 'ensemble');
    expect(chosen[1]).not.toHaveProperty('weight');
  });

  it.each<[object, RegExp]>([
    [{}, /^teacher\.members is missing; ensemble needs it: two to eight teachers/],
    [{ members: [] }, /^teacher\.members must name at least two teachers; got 0/],
    [{ members: [EASE] }, /^teacher\.members must name at least two teachers; got 1/],
    [
      {
        members: [
          { ...EASE, weight: 0 },
          { ...SOFTMAX, weight: 0 },
        ],
      },
      /^teacher\.members must have a weight > 0 in at least one member; their weights sum to zero/,
    ],
    [{ members: [EASE, { ...SOFTMAX, weight: -1 }] }, /^teacher\.members\[1\]\.weight must be >= 0; got -1/],
    [
      { members: [EASE, { kind: 'ensemble' }] },
      /^teacher\.members\[1\]\.kind must be one of .*; got "ensemble"; auto and ensemble are several teachers by themselves/,
    ],
    [
      { members: [{ kind: 'auto' }, EASE] },
      /^teacher\.members\[0\]\.kind must be one of .*; got "auto"; auto and ensemble are several/,
    ],
    [
      { members: [EASE, { kind: 'softmax', lambda: 3 }] },
      /^teacher\.members\[1\]\.lambda belongs to ease, slist; leave it out for softmax/,
    ],
    [{ members: [EASE, { version: 3 }] }, /^teacher\.members\[1\]\.model is missing; stored needs it/],
    [{ members: [EASE, { kind: 'external' }] }, /^teacher\.members\[1\]\.name is missing/],
    [{ members: [EASE, { kind: 'sasrec' }] }, /^teacher\.members\[1\]\.kind sasrec learns from the order/],
    [
      { members: [EASE, { ...SOFTMAX, weight: 1 }], weights: 'validation' },
      /^teacher\.members\[1\]\.weight and teacher\.weights validation exclude each other/,
    ],
    [
      { members: [EASE, SOFTMAX], temperature: 2 },
      /^teacher\.temperature belongs to combine distributions; leave it out for combine average/,
    ],
    [
      { members: [EASE, SOFTMAX], combine: 'distributions', constant: 2 },
      /^teacher\.constant belongs to combine rank-fusion and curriculum/,
    ],
    [
      { members: [EASE, { kind: 'graph-filter' }], combine: 'curriculum' },
      /^teacher\.combine curriculum needs a member that is trained in epochs.* with ease, graph-filter use rank-fusion/,
    ],
  ])('is refused as %o, named by its field', (teacher, message) => {
    expect(problemOf(teacher)).toMatch(message);
  });

  it.each<[Partial<Ensemble>, Partial<DistillationSpec>, RegExp]>([
    [
      {},
      { distillation: { transfer: 'copy' } },
      /^distillation\.transfer copy takes the layers of one teacher/,
    ],
    [
      {},
      { distillation: { losses: [{ kind: 'rankLabels' }, { kind: 'fitnet' }] } },
      /^distillation\.losses\[1\]\.kind fitnet needs a teacher with a hidden layer, which ensemble has not/,
    ],
    [
      { combine: 'curriculum' },
      { distillation: { losses: [{ kind: 'softLabels' }] } },
      /^distillation\.losses\[0\]\.kind softLabels does not follow teacher\.combine curriculum/,
    ],
    [
      { combine: 'curriculum' },
      { distillation: { losses: [{ kind: 'hardLabels' }] } },
      /^distillation\.losses must have rankLabels or rrd/,
    ],
    [
      { members: [SOFTMAX, { kind: 'external', name: 'theirs' }] },
      { publish: { teacher: true } },
      /^publish\.teacher true cannot store the imported lists of theirs/,
    ],
    [
      { members: [SOFTMAX, { kind: 'external', name: 'theirs' }] },
      { task: 'sequential' },
      /^teacher\.members\[1\]\.kind external has one list for each user/,
    ],
    [{}, { task: 'rating' }, /^teacher\.kind ensemble ranks items and predicts no ratings/],
  ])('that is %o does not go with %o', (teacher, more, message) => {
    expect(problemOf({ members: [EASE, SOFTMAX], ...teacher }, more)).toMatch(message);
  });

  it('may teach one of several tasks, but by no curriculum', () => {
    const tasks = (combine: 'average' | 'curriculum', weight = 1) =>
      jobProblem({
        model: 'm',
        tasks: [
          {
            name: 'buy',
            types: ['buy'],
            teacher: { kind: 'ensemble', combine, members: [{ ...EASE, weight }, SOFTMAX] },
          },
          { name: 'look', types: ['look'] },
        ],
      });
    expect(tasks('average')).toBeNull();
    expect(tasks('curriculum')).toMatch(/^tasks\[0\]\.teacher\.combine curriculum does not go with tasks/);
    expect(tasks('average', -1)).toMatch(/^tasks\[0\]\.teacher\.members\[0\]\.weight must be >= 0; got -1/);
  });
});
