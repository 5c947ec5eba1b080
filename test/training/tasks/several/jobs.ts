import type { DistillationSpec } from '../../../../src/domain/jobs/distillation-spec.ts';
import type { TeacherSpec } from '../../../../src/domain/teachers/teacher-spec.ts';

export const SPEC: DistillationSpec = {
  model: 'shop',
  dataset: { split: { strategy: 'last-fraction', testFraction: 0.25, validationFraction: 0.2 } },
  teacher: { kind: 'ease', lambda: 5 },
  tasks: [
    { name: 'buy', types: ['buy'], reads: 'own' },
    { name: 'watch', types: ['watch'], weight: 0.5, reads: 'own' },
  ],
  student: { kind: 'fold-in', dimensions: 8 },
  distillation: {
    losses: [{ kind: 'rankLabels', temperature: 2 }, { kind: 'hardLabels' }],
    epochs: 35,
    batchSize: 16,
    learningRate: 0.04,
    seed: 7,
  },
  evaluation: { k: [3, 5] },
};

export const TEACHER = {
  kind: 'softmax',
  hidden: [16],
  epochs: 7,
  batchSize: 8,
  learningRate: 0.02,
} satisfies TeacherSpec;

/** A job of a second for the suite: one task reads all behaviours, one its own alone. */
export const QUICK: DistillationSpec = {
  ...SPEC,
  teacher: TEACHER,
  tasks: [{ name: 'buy', types: ['buy'] }, SPEC.tasks![1]!],
  student: { kind: 'fold-in', dimensions: 4 },
  distillation: { epochs: 7, batchSize: 16, seed: 7 },
  evaluation: { k: [3] },
};
