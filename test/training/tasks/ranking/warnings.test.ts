import { describe, expect, it } from 'vitest';
import { completeDistillation } from '../../../../src/domain/jobs/complete-distillation.ts';
import type { DistillationSpec } from '../../../../src/domain/jobs/distillation-spec.ts';
import { planTraining } from '../../../../src/training/tasks/ranking/plan.ts';
import { planWarnings, sizeWarnings } from '../../../../src/training/tasks/ranking/warnings.ts';

const settingsOf = (dimensions: number, hidden: number[], distillation?: DistillationSpec['distillation']) =>
  planTraining(
    completeDistillation({
      model: 'm',
      student: { kind: 'fold-in', dimensions },
      teacher: { kind: 'softmax', hidden },
      ...(distillation && { distillation }),
    }),
    { users: 100, items: 100 },
  );

describe('warnings of the plan', () => {
  it('are none for a student that is no wider than its teacher', () => {
    expect(planWarnings(settingsOf(8, [16]))).toEqual([]);
    expect(planWarnings(settingsOf(16, [16]))).toEqual([]);
  });

  it("name dimensions beyond the teacher's narrowest layer, unless nothing is transferred", () => {
    expect(planWarnings(settingsOf(20, [64, 12, 64]))).toEqual([
      expect.stringMatching(/student\.dimensions 20 .*narrowest layer 12: the other 8/),
    ]);
    expect(planWarnings(settingsOf(20, [12], { transfer: 'none' }))).toEqual([]);
  });
});

describe('warnings of the size', () => {
  it('name a student that is no smaller than its teacher', () => {
    const warnings = (teacherBytes: number, studentBytes: number) =>
      sizeWarnings([settingsOf(8, [16])], { teacherBytes, studentBytes });
    expect(warnings(1000, 999)).toEqual([]);
    expect(warnings(1000, 1000)).toEqual([expect.stringMatching(/1000 bytes.*not smaller/)]);
  });
});
