import { type Csr, commonRows, rowIdOf, selectRows } from '../../../dataset/matrix.ts';
import type { ModelValidation, Teacher } from '../../../teacher/contract.ts';
import { KEPT, wrapTeacher } from '../../../teacher/wrap.ts';

/** Weight of a pair of another behaviour beside one of the task's own, for a teacher that reads all of them. */
const OTHERS = 0.3;

/** How a teacher of one task looks at a history of all behaviours. */
export type Reading = (histories: Csr) => Csr;

/** @param own [users, items] all pairs of the task, by the rows of the data set */
export function readingsOf(own: Csr): Record<'own' | 'all', Reading> {
  const ownOf = (histories: Csr) =>
    selectRows(
      own,
      Int32Array.from({ length: histories.rows }, (_, row) => rowIdOf(histories, row)),
    );
  return {
    own: (histories) => commonRows(histories, ownOf(histories)),
    all: (histories) => weighOthers(histories, ownOf(histories)),
  };
}

/** A teacher that is asked with histories of all behaviours and reads of them what it was trained on. */
export function readingTeacher(teacher: Teacher, read: Reading, remark: string): Teacher {
  return wrapTeacher(teacher, {
    kind: KEPT,
    description: `${teacher.description}${remark}`,
    parameters: KEPT,
    bytes: KEPT,
    epochs: KEPT,
    settings: KEPT,
    scores: (histories) => teacher.scores(read(histories)),
    project: (directions, width, sample) => teacher.project(directions, width, read(sample)),
    listed: KEPT,
    unknown: KEPT,
    reads: KEPT,
    tried: KEPT,
    state: KEPT,
    dispose: KEPT,
    // These would speak of histories as they are, and not of what is read of them.
    itemFactors: undefined,
    hidden: undefined,
    foldIn: undefined,
    members: undefined,
    withItems: undefined,
  });
}

/** The validation of a model that reads so, on histories of all behaviours. */
export function readingValidation(validation: ModelValidation, read: Reading): ModelValidation {
  return { ...validation, metric: (scores) => validation.metric((histories) => scores(read(histories))) };
}

/**
 * A teacher that is asked with parts of the histories of one task, as the losses do, and answers for what all behaviours say
 * of the user.
 * @param everything [users, items]
 */
export function askedWith(teacher: Teacher, everything: Csr): Teacher {
  if (teacher.listed) return teacher;
  return wrapTeacher(teacher, {
    kind: KEPT,
    description: KEPT,
    parameters: KEPT,
    bytes: KEPT,
    epochs: KEPT,
    settings: KEPT,
    scores(histories) {
      const rows = Int32Array.from({ length: histories.rows }, (_, row) => rowIdOf(histories, row));
      return teacher.scores(selectRows(everything, rows));
    },
    // Asked with samples, which are whole histories already.
    itemFactors: KEPT,
    project: KEPT,
    hidden: KEPT,
    listed: KEPT,
    unknown: KEPT,
    foldIn: KEPT,
    members: KEPT,
    reads: KEPT,
    withItems: KEPT,
    tried: KEPT,
    state: KEPT,
    dispose: KEPT,
  });
}

function weighOthers(histories: Csr, own: Csr): Csr {
  const values = histories.values.slice();
  for (let row = 0; row < histories.rows; row++) {
    let q = own.indptr[row]!;
    const end = own.indptr[row + 1]!;
    for (let p = histories.indptr[row]!; p < histories.indptr[row + 1]!; p++) {
      const item = histories.indices[p]!;
      while (q < end && own.indices[q]! < item) q++;
      if (q >= end || own.indices[q] !== item) values[p]! *= OTHERS;
    }
  }
  return { ...histories, values };
}
