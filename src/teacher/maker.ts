import type { Static, TSchema } from 'typebox';
import type { DataSize } from '../dataset/data-size.ts';
import type { KindsFrom, OptionsOf } from '../domain/teachers/single.ts';
import type { Engine } from '../tensor/engine.ts';
import type { Teacher, TeacherState, TrainingContext } from './contract.ts';

/** Name of a kind that jobs train. */
export type TrainedKind = KindsFrom<'trained'>[keyof KindsFrom<'trained'>];

type KindIn<S> = S extends { kind: infer K extends TrainedKind } ? K : never;

/** Trains and restores one kind of teacher; its entry in src/domain/teachers describes it to the rest of the code. */
export interface TeacherMaker<Schema extends TSchema, K extends TrainedKind = KindIn<Static<Schema>>> {
  kind: K;
  /** Its options with nothing left open. Those of a stored teacher are validated by it. */
  settings: Schema;
  /** Settings that teachers of earlier releases were stored without, as they were then. */
  earlier?: Partial<Static<Schema>>;
  /** Fills in what the job leaves open, by the size of the data. */
  plan(options: OptionsOf<K>, size: DataSize): Static<Schema>;
  /**
   * Estimated seconds of training on two cores, by the size of the data alone; see kinds/cost.ts. For the kinds that `auto` tries,
   * which spends its budget by them.
   */
  seconds?(settings: Static<Schema>, size: DataSize): number;
  /** Estimated memory of a trainer that trains it, in MiB; of the kinds that may take more than the data and a student do. */
  memoryMiB?(settings: Static<Schema>, size: DataSize): number;
  /** True where training can start from the weights of an earlier one (`context.start`); else it begins anew, whatever is given. */
  continues: boolean;
  train(settings: Static<Schema>, context: TrainingContext): Promise<Teacher>;
  /** Makes the teacher again from its state, the same to the last bit. */
  restore(engine: Engine, settings: Static<Schema>, state: TeacherState): Teacher;
}
