import { scaleRows } from '../dataset/batches.ts';
import type { Csr } from '../dataset/matrix.ts';
import { positionsInOrder } from '../dataset/split/places.ts';
import type { StudentSettings } from './settings.ts';

/** Histories as a fold-in student takes them: older items weigh less, place by place, and each row is normalized. */
export function foldInput(
  histories: Csr,
  { recency = 1, normalization }: Pick<StudentSettings, 'recency' | 'normalization'>,
): Csr {
  return scaleRows(recency === 1 ? histories : faded(histories, recency), normalization);
}

/** Each weight times recency ^ (how many items of the history are newer). */
function faded(histories: Csr, recency: number): Csr {
  const values = histories.values.slice();
  for (let row = 0; row < histories.rows; row++) {
    let factor = 1;
    for (const p of positionsInOrder(histories, row).reverse()) {
      values[p] = values[p]! * factor;
      factor *= recency;
    }
  }
  return { ...histories, values };
}
