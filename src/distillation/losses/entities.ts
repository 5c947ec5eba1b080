import type { Rng } from '../../core/rng.ts';
import { rowItems } from '../../dataset/matrix.ts';
import type { Engine, Tensor } from '../../tensor/engine.ts';
import type { Step } from '../lists/step.ts';
import type { TeacherSource } from '../lists/teacher-source.ts';
import type { StudentView } from './student-view.ts';

/** Entities as vectors of both models, in one order. */
export interface Vectors {
  /** [n, w] */
  teacher: Tensor;
  /** [n, d] */
  student(view: StudentView): Tensor;
}

/** Users or items of a batch. */
export interface Entities extends Vectors {
  side: 'user' | 'item';
}

/**
 * The users of a batch by the teacher's hidden layer, and items by its item factors, where it has them. The caller disposes
 * the teacher's tensors.
 * @param factors [items, w] of the teacher's output side, in the space of its hidden layer: a score is the product of the two
 */
export function entitiesOf(
  engine: Engine,
  source: TeacherSource,
  step: Step,
  factors: { output: Float32Array; width: number } | undefined,
  rng: Rng,
): Entities[] {
  const users: Entities = {
    side: 'user',
    teacher: source.teacher.hidden!(step.seen),
    student: (view) => view.user,
  };
  const ids = factors ? drawItems(step, new Set(source.unknown), rng) : new Int32Array(0);
  if (!factors || ids.length === 0) return [users];
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

/** Users and items as rows of one matrix, [n, ...]: the users first. The caller disposes the teacher's. */
export function together({ tf }: Engine, sides: readonly Entities[]): Vectors {
  return {
    teacher: tf.concat(
      sides.map(({ teacher }) => teacher),
      0,
    ),
    student: (view) =>
      tf.concat(
        sides.map(({ student }) => student(view)),
        0,
      ),
  };
}

/** One item for each user, one of their own or any of the catalogue with even chances, like the pairs of the authors. */
function drawItems({ own }: Step, unknown: ReadonlySet<number>, rng: Rng): Int32Array {
  const drawn = new Set<number>();
  for (let row = 0; row < own.rows; row++) {
    const mine = rowItems(own, row);
    const item = mine.length > 0 && rng.int(2) === 0 ? mine[rng.int(mine.length)]! : rng.int(own.columns);
    if (!unknown.has(item)) drawn.add(item);
  }
  return Int32Array.from(drawn);
}
