import type { Rng } from '../../core/rng.ts';
import type { Csr } from '../../dataset/matrix.ts';
import type { StudentSettings } from '../../student/settings.ts';
import type { Teacher } from '../../teacher/contract.ts';
import type { Engine } from '../../tensor/engine.ts';
import type { Ridge } from '../../tensor/ridge/ridge.ts';

/** Item factors of iALS [items, d], and the ridge regression that they were learned with. */
export interface IalsFactors {
  items: Float32Array;
  ridge: Ridge;
}

export interface TransferSetup {
  engine: Engine;
  teacher: Teacher;
  student: StudentSettings;
  /** [rows, items] histories that the start is fitted to. */
  sample: Csr;
  rng: Rng;
  /** For the transfer 'ials': items that were learned from the data, see learnForStart. */
  ials?: IalsFactors;
  /**
   * The scale that the student's scores have at first: the teacher's own ('same'), for losses that compare scores, or one whose
   * spread suits a softmax ('spread'), for losses that read only the order.
   */
  scale: 'same' | 'spread';
  /** Most directions of the teacher's scores that a start by SVD takes; unset: as many as the student has dimensions. */
  rank?: number;
  /** Told the share of the work that is done, on the way: no loop of events turns meanwhile. */
  tell?: ((done: number) => void) | undefined;
}
