import type { Engine } from '../../tensor/engine.ts';
import type { Teacher } from '../contract.ts';

/** A teacher that the job need not train, with its answers for the data of the job: an imported one, or a remapped one. */
export interface ReadyTeacher {
  /** A value that says which teacher it is: all that its answers depend on beside the data. */
  identity: object;
  create(engine: Engine): Teacher;
}
