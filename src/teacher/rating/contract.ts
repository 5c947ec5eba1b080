import type { Csr } from '../../dataset/matrix.ts';
import type { TeacherState } from '../contract.ts';
import type { SvdSettings } from './svd-settings.ts';

/** A trained model that predicts ratings; not clipped to the scale. */
export interface RatingTeacher {
  /** Its name for people, such as "SVD++ 50". */
  description: string;
  parameters: number;
  bytes: number;
  /** The plan with what training chose filled in: trains the same model on other data. */
  settings: SvdSettings;
  /** Items that it does not know, ascending: others stand for them. A version that is older than an item does not know it. */
  unknown?: Int32Array;
  /**
   * Predicts every item for each row of ratings, [rows, items] row-major. Rows of users who were trained on may be answered
   * from what was learnt of them.
   */
  predictions(histories: Csr): Float32Array;
  /** Plain values from which a teacher with the same predictions is restored. */
  state(): TeacherState;
}
