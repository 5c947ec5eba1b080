import { describe, expect, it } from 'vitest';
import type { DistillationSpec } from '../../../../src/domain/jobs/distillation-spec.ts';
import { distillationProblem } from '../../../../src/domain/jobs/rules/check-distillation.ts';
import type { StudentSpec } from '../../../../src/domain/students/student-spec.ts';
import type { TeacherSpec } from '../../../../src/domain/teachers/teacher-spec.ts';
import { jobProblem } from '../../../helpers/job-problem.ts';

const problemOf = (teacher: object) => jobProblem({ model: 'm', teacher });

describe('the teacher of a job', () => {
  it.each<TeacherSpec>([
    { kind: 'auto' },
    { kind: 'popularity' },
    { kind: 'ease', lambda: 3 },
    { kind: 'graph-filter', components: 8, alpha: 0 },
    { kind: 'graph-filter', activityPower: 0.5, popularityPower: -0.2 },
    { kind: 'softmax', hidden: [4, 3], weightDecay: 0 },
    { kind: 'autoencoder', hidden: [], latent: 4, klWeight: 0.1 },
    { kind: 'autoencoder', variant: 'dae', dropout: 0 },
    { kind: 'matrix-factorization', unobservedWeight: 1, dimensions: 8, epochs: 2 },
    { kind: 'matrix-factorization', objective: 'bpr', negatives: 3, learningRate: 0.1 },
    { model: 'movies' },
    { model: 'movies', version: 3, part: 'student' },
    { kind: 'stored', model: 'movies', alias: 'canary' },
  ])('takes its own options: %o', (teacher) => {
    expect(problemOf(teacher)).toBeNull();
  });

  it.each<[object, RegExp]>([
    [
      { kind: 'ease', hidden: [3] },
      /^teacher\.hidden belongs to autoencoder, gru, multilabel, softmax; leave it out for ease/,
    ],
    [{ kind: 'softmax', lambda: 3 }, /^teacher\.lambda belongs to ease, slist; leave it out for softmax/],
    [{ kind: 'auto', epochs: 3 }, /^teacher\.epochs belongs to .*auto/],
    [{ kind: 'elsa', dropout: 0.5 }, /^teacher\.dropout belongs to .*leave it out for elsa/],
    [{ kind: 'ease', budgetSeconds: 9 }, /^teacher\.budgetSeconds belongs to auto; leave it out for ease/],
    [{ kind: 'auto', budgetSeconds: 0 }, /^teacher\.budgetSeconds/],
    [{ kind: 'elsa', dimensions: 0 }, /^teacher\.dimensions/],
    [{ kind: 'popularity', alpha: 1 }, /^teacher\.alpha belongs to graph-filter/],
    [{ kind: 'ease', activityPower: 1 }, /^teacher\.activityPower belongs to graph-filter/],
    [
      { kind: 'graph-filter', dimensions: 8 },
      /^teacher\.dimensions belongs to elsa, gru, matrix-factorization, sasrec/,
    ],
    [{ kind: 'autoencoder', variant: 'dae', klWeight: 1 }, /^teacher\.klWeight belongs to variant vae/],
    [{ kind: 'matrix-factorization', negatives: 2 }, /^teacher\.negatives belongs to objective bpr/],
    [
      { kind: 'matrix-factorization', objective: 'bpr', unobservedWeight: 2 },
      /^teacher\.unobservedWeight belongs to objective ials/,
    ],
    [{ version: 3 }, /^teacher\.model is missing; stored needs it: the name of a model/],
    [{ kind: 'eas' }, /^teacher\.kind must be one of auto, ensemble, autoencoder, .*; got "eas"/],
    [{ kind: 'stored' }, /^teacher\.model is missing/],
    [{ model: 'm', version: 1, alias: 'stable' }, /^teacher\.version and teacher\.alias exclude each other/],
    [{ model: 'm', epochs: 3 }, /^teacher\.epochs belongs to .*stored has model, version, alias, part/],
    [{ kind: 'ease', model: 'm' }, /^teacher\.model belongs to stored; leave it out for ease/],
    [
      { kind: 'softmax', itemDropout: 0.2 },
      /^teacher\.itemDropout belongs to gru, sasrec; leave it out for softmax/,
    ],
    [{ kind: 'ease', samples: 9 }, /^teacher\.samples belongs to gru, sasrec; leave it out for ease/],
    [{ kind: 'softmax', hidden: [] }, /^teacher\.hidden must name the width of at least one layer/],
  ])('refuses an option of another kind, and names both: %o', (teacher, message) => {
    expect(problemOf(teacher)).toMatch(message);
  });
});

describe('the teacher of sequences', () => {
  const sequential = (teacher: object) => jobProblem({ model: 'm', task: 'sequential', teacher });

  it.each<TeacherSpec>([
    { kind: 'sasrec', dimensions: 6, heads: 3, blocks: 1, maxLength: 5, dropout: 0 },
    { kind: 'gru', dimensions: 6, hidden: [5], learningRate: 0.1 },
    { kind: 'ease' },
  ])('takes its own options: %o', (teacher) => {
    expect(sequential(teacher)).toBeNull();
  });

  it.each<[object, RegExp]>([
    [
      { kind: 'sasrec', dimensions: 10, heads: 4 },
      /^teacher\.dimensions 10 must be a multiple of teacher\.heads 4/,
    ],
    [{ kind: 'sasrec', hidden: [4] }, /^teacher\.hidden belongs to autoencoder, gru, multilabel, softmax/],
    [{ kind: 'gru', hidden: [4, 4] }, /^teacher\.hidden must name one width for gru/],
    [{ kind: 'gru', blocks: 2 }, /^teacher\.blocks belongs to sasrec/],
    [{ kind: 'ease', maxLength: 5 }, /^teacher\.maxLength belongs to gru, sasrec/],
  ])('refuses what does not fit: %o', (teacher, message) => {
    expect(sequential(teacher)).toMatch(message);
  });

  it('needs the task', () => {
    expect(problemOf({ kind: 'gru' })).toMatch(
      /^teacher\.kind gru learns from the order .*"task": "sequential"/,
    );
  });

  it('is not tested on items out of the middle of histories', () => {
    const dataset = { split: { strategy: 'random' as const } };
    expect(distillationProblem({ model: 'm', task: 'sequential', dataset })).toMatch(
      /^dataset\.split\.strategy random/,
    );
  });
});

describe('the student of sequences', () => {
  const problem = (student: StudentSpec, more: Partial<DistillationSpec> = {}) =>
    distillationProblem({ model: 'm', task: 'sequential', student, ...more });

  it('takes its own options', () => {
    expect(problem({ kind: 'sequential', heads: 4, dimensions: 12, maxLength: 9, tied: false })).toBeNull();
    expect(problem({ kind: 'fold-in', recency: 0.5, hidden: 8 })).toBeNull();
    expect(problem({ kind: 'fold-in', recency: 0.5 }, { task: 'single-label' })).toBeNull();
  });

  it.each<[StudentSpec, Partial<DistillationSpec>, RegExp]>([
    [
      { kind: 'sequential', dimensions: 9 },
      {},
      /^student\.dimensions 9 must be a multiple of student\.heads 2/,
    ],
    [
      { kind: 'fold-in', recency: 0.5 },
      { task: 'single-label', tasks: [{ name: 'buys' }, { name: 'views' }] as never },
      /^student\.recency weighs items by the order .* several tasks do not read/,
    ],
    [
      { kind: 'fold-in', recency: 0.5 },
      { task: 'multi-label', labels: { of: 'users', from: 'items' } },
      /^student\.recency weighs items by the order .* multi-label does not read/,
    ],
    [
      { kind: 'fold-in', recency: 0.5 },
      { task: 'single-label', evaluation: { coldItems: 0.1 } },
      /^student\.recency does not go with evaluation\.coldItems/,
    ],
    [
      { kind: 'sequential' },
      { distillation: { transfer: 'copy' } },
      /^distillation\.transfer copy is for students/,
    ],
    [
      { kind: 'sequential' },
      { teacher: { kind: 'external', name: 'x' } },
      /^teacher\.kind external has one list/,
    ],
  ])('refuses what does not fit: %j %j', (student, more, message) => {
    expect(problem(student, more)).toMatch(message);
  });
});
