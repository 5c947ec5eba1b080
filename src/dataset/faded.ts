import type { Csr } from './matrix.ts';
import { positionsInOrder } from './split/places.ts';

/** Each weight times recency ^ (how many items of the history are newer). */
export function faded(histories: Csr, recency: number): Csr {
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
