import type { LabelStudent } from '../../../artifact/student/label-student.ts';
import type { Rng } from '../../../core/rng.ts';
import { topList } from '../../../evaluation/top-list.ts';
import { createLabelScorer } from '../../../scoring/label-scorer.ts';
import type { ProbeLists } from '../../run/probe-lists.ts';
import { askedOf } from './inputs.ts';
import type { PreparedLabels } from './prepare.ts';

const PROBES = 300;
const K = 3;

/** The likeliest labels of some hundred entities, as the student is served; the same entities for the same generator. */
export function labelLists(student: LabelStudent, { data, inputs }: PreparedLabels, rng: Rng): ProbeLists {
  const scorer = createLabelScorer(student);
  const all = Int32Array.from({ length: inputs.rows.rows }, (_, row) => row);
  const entities = rng.fork('served-probes').shuffle(all).subarray(0, PROBES);
  const k = Math.min(K, student.labels.length);
  let greatest = 0;
  const lists = Array.from(entities, (row) => {
    const logits = scorer.logits(askedOf(data, student.of, inputs, row));
    // Math.max is NaN from the first NaN on.
    for (const logit of logits) greatest = Math.max(greatest, Math.abs(logit));
    return topList(logits, k);
  });
  return { k, lists, greatest };
}
