import { type Csr, columnSums } from '../../../dataset/matrix.ts';
import type { LabelTable } from '../../../domain/reports/label-table.ts';
import { f1 } from '../../../evaluation/label-metrics.ts';
import type { LabelOutcome } from '../../../evaluation/label-tally.ts';

interface Decided {
  thresholds: Float32Array;
  outcome: LabelOutcome;
}

/** Returns the report's row of each label. @param known [entities, labels] of the test */
export function labelRows(
  labels: readonly string[],
  known: Csr,
  { teacher, student, frequency }: Record<'teacher' | 'student' | 'frequency', Decided>,
): LabelTable['each'] {
  const entities = columnSums(known);
  return labels.map((label, l) => ({
    label,
    entities: entities[l]!,
    threshold: student.thresholds[l]!,
    f1: {
      teacher: labelF1(teacher.outcome, l),
      student: labelF1(student.outcome, l),
      frequency: labelF1(frequency.outcome, l),
    },
  }));
}

function labelF1({ byLabel: { hits, wrong, missed } }: LabelOutcome, label: number): number | null {
  const own = f1(hits[label]!, wrong[label]! + missed[label]!);
  return Number.isNaN(own) ? null : own;
}
