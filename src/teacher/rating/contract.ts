import type { Csr } from '../../dataset/matrix.ts';

/** A trained model that predicts ratings; not clipped to the scale. */
export interface RatingTeacher {
  description: string;
  parameters: number;
  bytes: number;
  settings: Record<string, unknown>;
  /**
   * [rows, items] row-major, from the ratings of each row. Rows of users who were trained on may be answered from what was
   * learnt of them.
   */
  predictions(histories: Csr): Float32Array;
}
