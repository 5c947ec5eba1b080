import type { Engine, Tensor } from '../../tensor/engine.ts';
import type { Step } from '../lists/step.ts';
import type { TeacherSource } from '../lists/teacher-source.ts';
import type { StudentView } from './student-view.ts';

/** Users or items of a batch as vectors of both models, in the same order. */
export interface Entities {
  side: 'user' | 'item';
  /** [n, w] */
  teacher: Tensor;
  /** [n, d] */
  student(view: StudentView): Tensor;
}

/**
 * The users of a batch by the teacher's hidden layer, and items that they know by its item factors, where it has them.
 * @param factors [items, w] of the teacher's output side
 */
export function entitiesOf(
  engine: Engine,
  source: TeacherSource,
  step: Step,
  factors: { output: Float32Array; width: number } | undefined,
): Entities[] {
  const users: Entities = {
    side: 'user',
    teacher: source.teacher.hidden!(step.seen),
    student: (view) => view.user,
  };
  if (!factors) return [users];
  const ids = Int32Array.from(new Set(step.own.indices)).slice(0, step.users.length);
  const values = new Float32Array(ids.length * factors.width);
  ids.forEach((id, i) => {
    values.set(factors.output.subarray(id * factors.width, (id + 1) * factors.width), i * factors.width);
  });
  const items: Entities = {
    side: 'item',
    teacher: engine.tf.tensor2d(values, [ids.length, factors.width]),
    student: (view) => engine.gatherRows(view.items, ids),
  };
  return [users, items];
}
