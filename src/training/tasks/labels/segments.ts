import type { LabelStudent } from '../../../artifact/student/label-student.ts';
import type { LabelledData } from '../../../dataset/labels.ts';
import { rowLength } from '../../../dataset/matrix.ts';
import { f1 } from '../../../evaluation/label-metrics.ts';
import type { LabelOutcome } from '../../../evaluation/label-tally.ts';

/** Users of an item, or items of a user. */
export function interactionsOf(data: LabelledData, of: LabelStudent['of'], row: number): number {
  return of === 'items' ? (data.takers[row] ?? 0) : rowLength(data.behaviour, row);
}

const CLASSES = [
  { name: 'behaviour:none', most: 0 },
  { name: 'behaviour:1-10', most: 10 },
  { name: 'behaviour:11-50', most: 50 },
  { name: 'behaviour:51+', most: Number.POSITIVE_INFINITY },
];

/** Decisions by how many interactions there are of the entity. */
export function segmentsOf({ hits, wrong, missed }: LabelOutcome, counts: readonly number[]) {
  const classOf = counts.map((count) => CLASSES.findIndex(({ most }) => count <= most));
  return CLASSES.map(({ name }, at) => {
    let [entities, right, errors] = [0, 0, 0];
    for (let i = 0; i < classOf.length; i++) {
      if (classOf[i] !== at) continue;
      entities++;
      right += hits[i]!;
      errors += wrong[i]! + missed[i]!;
    }
    const microF1 = right + errors > 0 ? f1(right, errors) : 0;
    return { segment: name, count: entities, metrics: { microF1 } };
  }).filter(({ count }) => count > 0);
}
