import { describe, expect, it } from 'vitest';
import type { DistillationSpec } from '../../../../src/domain/jobs/distillation-spec.ts';
import { distillationProblem } from '../../../../src/domain/jobs/rules/check-distillation.ts';

const problemOf = (spec: Partial<DistillationSpec>) => distillationProblem({ model: 'movies', ...spec });
const ofLosses = (...losses: NonNullable<NonNullable<DistillationSpec['distillation']>['losses']>) =>
  problemOf({ distillation: { losses } });

describe('a job without contradictions', () => {
  it.each<Partial<DistillationSpec>>([
    {},
    { distillation: {} },
    {
      distillation: {
        losses: [
          { kind: 'softLabels', temperature: 4 },
          { kind: 'hardLabels', weight: 0.2 },
        ],
      },
    },
    { distillation: { losses: [{ kind: 'softLabels', weight: 0 }, { kind: 'hardLabels' }] } },
    { dataset: { types: { click: { weight: 0 }, purchase: {} } } },
    { dataset: { split: { strategy: 'last-fraction', testFraction: 0.5, validationFraction: 0.4 } } },
    { dataset: { split: { strategy: 'leave-last-out' } } },
    { dataset: { since: '2026-01-01', until: '2026-01-01T00:00:01Z' } },
  ])('has no problem: %j', (spec) => {
    expect(problemOf(spec)).toBeNull();
  });
});

describe('a contradiction in the losses', () => {
  it('is the same loss twice, named by the second', () => {
    expect(ofLosses({ kind: 'hardLabels' }, { kind: 'softLabels' }, { kind: 'hardLabels' })).toMatch(
      /^distillation\.losses\[2\]\.kind .*hardLabels/,
    );
  });

  it('is that none of them weighs anything', () => {
    expect(ofLosses({ kind: 'softLabels', weight: 0 }, { kind: 'hardLabels', weight: 0 })).toMatch(
      /^distillation\.losses .*weight/,
    );
  });
});

describe('a loss that cannot be had', () => {
  it.each<[string, Parameters<typeof ofLosses>, RegExp]>([
    [
      'hidden layers alone',
      [{ kind: 'fitnet' }, { kind: 'ftd' }],
      /train no scores; add one such as rankLabels/,
    ],
    ['nothing beside the list', [{ kind: 'rrd', samples: 0 }], /losses\[0\]\.samples must be at least 1/],
    [
      'a list that nothing reads',
      [{ kind: 'softLabels', top: 9, samples: 0 }],
      /losses\[0\]\.top does not apply/,
    ],
    [
      'a schedule without an end',
      [{ kind: 'softLabels', temperature: { schedule: 'linear', from: 2 } }],
      /losses\[0\]\.temperature\.to is missing/,
    ],
    [
      'a temperature that climbs from 0',
      [{ kind: 'rankLabels', temperature: { schedule: 'constant', from: 2, warmup: 0.1 } }],
      /losses\[0\]\.temperature\.warmup/,
    ],
    [
      'weights that are 0 throughout',
      [{ kind: 'rankLabels', weight: { schedule: 'linear', from: 0, to: 0 } }],
      /losses must have a weight > 0/,
    ],
  ])('is %s', (_what, losses, reason) => {
    expect(ofLosses(...losses)).toMatch(reason);
  });

  it.each(['fitnet', 'de', 'ftd', 'htd'] as const)(
    'is %s with a teacher that has no hidden layer',
    (kind) => {
      const teacher = { kind: 'ease' } as never;
      expect(problemOf({ teacher, distillation: { losses: [{ kind: 'rankLabels' }, { kind }] } })).toMatch(
        new RegExp(
          `losses\\[1\\]\\.kind ${kind} needs a teacher with a hidden layer, which ease has not; use softmax`,
        ),
      );
    },
  );
});

describe('a contradiction in the student', () => {
  it.each<[string, Partial<DistillationSpec>, RegExp]>([
    [
      'one matrix of two widths',
      { student: { kind: 'fold-in', tied: true, hidden: 8 } },
      /^student\.tied .*hidden 8/,
    ],
    [
      'a hidden layer that bends nothing',
      { student: { kind: 'fold-in', hidden: 8, activation: 'identity' } },
      /^student\.activation identity .*relu or tanh/,
    ],
    [
      'a solution behind a hidden layer',
      { student: { kind: 'fold-in', user: 'solved', hidden: 8 } },
      /^student\.user solved .*leave out student\.hidden, or use summed/,
    ],
    [
      'a solution that is bent',
      { student: { kind: 'fold-in', user: 'solved', activation: 'tanh' } },
      /^student\.user solved .*leave out student\.activation tanh/,
    ],
    [
      'a solution of a history that is divided',
      { student: { kind: 'fold-in', user: 'solved', normalization: 'l2' } },
      /^student\.user solved .*leave out student\.normalization l2/,
    ],
    [
      'a solution for several tasks',
      {
        student: { kind: 'fold-in', user: 'solved' },
        tasks: [
          { name: 'a', types: ['click'] },
          { name: 'b', types: ['buy'] },
        ],
      },
      /^student\.user solved is for students of one task/,
    ],
    [
      'a solution that starts as a sum',
      { student: { kind: 'fold-in', user: 'solved' }, distillation: { transfer: 'neurons' } },
      /^distillation\.transfer neurons .*use ials, svd or none/,
    ],
    [
      'a sum that starts as a solution',
      { student: { kind: 'fold-in', user: 'summed' }, distillation: { transfer: 'ials' } },
      /^distillation\.transfer ials .*use student\.user solved/,
    ],
    [
      'codes without pq',
      { student: { kind: 'fold-in', codes: 16 } },
      /^student\.codes belongs to quantization pq/,
    ],
    [
      'codes wider than the student',
      { student: { kind: 'fold-in', quantization: 'pq', codeWidth: 8, dimensions: 4 } },
      /^student\.codeWidth 8 exceeds student\.dimensions 4/,
    ],
    [
      'rounding of codebooks in training',
      { student: { kind: 'fold-in', quantization: 'pq', quantizationAware: true } },
      /^student\.quantizationAware .*pq/,
    ],
    [
      'an SVD wider than the teacher',
      {
        teacher: { kind: 'softmax', hidden: [64, 16] },
        student: { kind: 'fold-in', dimensions: 32 },
        distillation: { transfer: 'svd' },
      },
      /transfer svd gives at most 16 dimensions .*lower student\.dimensions 32/,
    ],
    [
      'a copy of layers of unequal shapes',
      {
        teacher: { kind: 'softmax', hidden: [64] },
        student: { kind: 'fold-in', dimensions: 32 },
        distillation: { transfer: 'copy' },
      },
      /transfer copy needs layers of equal shape: teacher\.hidden \[32\]/,
    ],
    [
      'neurons for a student of one matrix',
      { student: { kind: 'fold-in', tied: true }, distillation: { transfer: 'neurons' } },
      /transfer neurons .*leave out student\.tied/,
    ],
  ])('is %s', (_what, spec, reason) => {
    expect(problemOf(spec)).toMatch(reason);
  });

  it('is none where everything fits', () => {
    const dimensions = 16;
    expect(
      problemOf({
        teacher: { kind: 'softmax', hidden: [16] },
        student: { kind: 'fold-in', dimensions, quantization: 'pq', codes: 16, codeWidth: 4 },
        distillation: { transfer: 'copy' },
      }),
    ).toBeNull();
  });
});

describe('a contradiction in the data set', () => {
  it('is that no type is named', () => {
    expect(problemOf({ dataset: { types: {} } })).toMatch(/^dataset\.types /);
  });

  it('is that no type weighs anything', () => {
    expect(problemOf({ dataset: { types: { click: { weight: 0 }, view: { weight: 0 } } } })).toMatch(
      /^dataset\.types .*weight/,
    );
  });

  it.each([
    [{ since: 'yesterday' }, /^dataset\.since must be a time .*; got "yesterday"/],
    [{ until: '2026-02-30' }, /^dataset\.until must be a time .*; got "2026-02-30"/],
    [
      { since: '2026-02-01', until: '2026-02-01' },
      /^dataset\.since must be earlier than until; got 2026-02-01/,
    ],
  ])('is a period such as %j', (dataset, reason) => {
    expect(problemOf({ dataset })).toMatch(reason);
  });

  it('is that test and validation leave nothing for training', () => {
    const split = { strategy: 'last-fraction' as const, testFraction: 0.5, validationFraction: 0.5 };
    expect(problemOf({ dataset: { split } })).toMatch(/^dataset\.split .*nothing for training/);
  });
});

describe('what a published student passes on', () => {
  const old = { model: 'movies', part: 'student' } as const;

  it.each<Partial<DistillationSpec>>([
    { teacher: old, distillation: { transfer: 'all' } },
    { teacher: old, distillation: { transfer: 'layers', freeze: [{ layer: 'hidden', epochs: 2 }] } },
    { teacher: { kind: 'softmax', hidden: [8] }, distillation: { transfer: 'items' } },
    { distillation: { freeze: [{ layer: 'items' }, { layer: 'itemBias', epochs: 1 }] } },
  ])('is accepted: %o', (spec) => {
    expect(distillationProblem({ model: 'm', ...spec })).toBeNull();
  });

  it.each<[Partial<DistillationSpec>, RegExp]>([
    [{ distillation: { transfer: 'all' } }, /transfer all takes over the parameters of a published student/],
    [{ teacher: { model: 'movies' }, distillation: { transfer: 'layers' } }, /transfer layers takes over/],
    [
      { distillation: { freeze: [{ layer: 'items' }, { layer: 'attention' }] } },
      /^distillation\.freeze\[1\]\.layer attention is none of the student's; it has items, itemsIn, itemsOut, itemBias, userBias$/,
    ],
    [{ distillation: { freeze: [{ layer: 'hidden' }] } }, /layer hidden is none of the student's/],
    [
      { student: { kind: 'fold-in', tied: true }, distillation: { freeze: [{ layer: 'itemsIn' }] } },
      /layer itemsIn is none of the student's/,
    ],
    [
      { distillation: { freeze: ['items', 'itemBias', 'userBias'].map((layer) => ({ layer })) } },
      /^distillation\.freeze leaves nothing to train/,
    ],
  ])('is refused: %o', (spec, message) => {
    expect(distillationProblem({ model: 'm', ...spec })).toMatch(message);
  });
});
