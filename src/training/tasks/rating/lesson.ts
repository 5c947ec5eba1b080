import type { Csr } from '../../../dataset/matrix.ts';
import type { RatingScale } from '../../../dataset/ratings.ts';
import type { RatingSettings } from './plan.ts';
import type { RatingValidation } from './validation.ts';

/** The data and the settings that the models of a job learn from. */
export interface RatingLesson {
  /** [users, items] what they learn from while the epochs are chosen. */
  train: Csr;
  /** [users, items] what they learn from in the end: the pairs that chose the epochs too. */
  learned: Csr;
  scale: RatingScale;
  settings: RatingSettings;
  /** The validation; all epochs of the settings are run where there is none. */
  validation: RatingValidation | undefined;
  /** A validation on few users, for the curve of the student, which has learned these pairs. */
  measured?: RatingValidation | undefined;
}

/** The part of a lesson that a student gets. */
export type StudentLesson = Pick<RatingLesson, 'learned' | 'scale' | 'settings' | 'measured'>;
