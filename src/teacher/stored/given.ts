import type { Engine } from '../../tensor/engine.ts';
import type { Teacher } from '../contract.ts';

/** A teacher that is not trained by the job: one that was imported, or one that is stored with a version. */
export interface GivenTeacher {
  /** Everything that its answers depend on beside the data. */
  identity: object;
  create(engine: Engine): Teacher;
}
