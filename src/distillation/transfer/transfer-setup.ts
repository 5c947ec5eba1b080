import type { Rng } from '../../core/rng.ts';
import type { Csr } from '../../dataset/matrix.ts';
import type { StudentSettings } from '../../student/settings.ts';
import type { Teacher } from '../../teacher/contract.ts';
import type { Engine } from '../../tensor/engine.ts';

export interface TransferSetup {
  engine: Engine;
  teacher: Teacher;
  student: StudentSettings;
  /** [rows, items] histories that the start is fitted to. */
  sample: Csr;
  rng: Rng;
  /**
   * What the student's scores are to be like at first: the teacher's own ('same'), which losses on its scores want, or of a
   * spread that suits a softmax ('spread'), where only the order counts.
   */
  scale: 'same' | 'spread';
}
