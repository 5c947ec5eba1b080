import type { Csr } from '../../dataset/matrix.ts';
import { findNewItems, type NewItems } from '../../dataset/new-items.ts';
import type { Teacher, TeacherState, TrainingContext } from '../../teacher/contract.ts';
import { chosenTeacher, restoreTeacher, retrainTeacher } from '../../teacher/registry.ts';

/** A stored teacher that the job trains on, and how its version's items are found among those of today. */
export interface Renewal {
  state: TeacherState;
  /** [items of today] the version's row of each, -1 for a new item. */
  oldRows: Int32Array;
  /** [items of the version] their weight in what it learned from. */
  popularity: Float32Array;
}

/**
 * Trains the version's teacher on: closed forms are solved anew with the settings that were chosen then, one that is trained in epochs
 * goes on from its weights with a part of them, and an ensemble keeps its members and their weights.
 */
export async function renewTeacher(renewal: Renewal, context: TrainingContext): Promise<Teacher> {
  const before = restoreTeacher(context.engine, renewal.state);
  const chosen = chosenTeacher(before);
  before.dispose();
  return retrainTeacher(chosen, context, newItemsOf(renewal, context.train));
}

/**
 * Finds the items of which the version knew nothing, with those of its own that stand for them at first.
 * @param all [users, items of today]
 */
export function newItemsOf({ oldRows, popularity }: Renewal, all: Csr): NewItems {
  const { rows, map } = findNewItems(all, learnedBefore({ oldRows, popularity }));
  const indptr = new Int32Array(map.rows + 1);
  const [indices, values]: [number[], number[]] = [[], []];
  for (let item = 0; item < map.rows; item++) {
    for (let p = map.indptr[item]!; p < map.indptr[item + 1]!; p++) {
      const row = oldRows[map.indices[p]!]!;
      // An item that nobody has taken and the version does not know.
      if (row < 0) continue;
      indices.push(row);
      values.push(map.values[p]!);
    }
    indptr[item + 1] = indices.length;
  }
  const old = {
    rows: map.rows,
    columns: popularity.length,
    indptr,
    indices: Int32Array.from(indices),
    values: Float32Array.from(values),
  };
  return { rows, map: old };
}

/** [items of today] the weight of each in what the version learned from. */
export function learnedBefore({
  oldRows,
  popularity,
}: Pick<Renewal, 'oldRows' | 'popularity'>): Float32Array {
  return Float32Array.from(oldRows, (row) => (row < 0 ? 0 : popularity[row]!));
}
