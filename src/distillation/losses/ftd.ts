import type { Engine, Scalar, Tensor } from '../../tensor/engine.ts';
import { entitiesOf } from './entities.ts';
import type { LossTerm } from './term.ts';

/** Cosines of all pairs of rows, [n, n]. */
export function cosines({ tf }: Engine, x: Tensor): Tensor {
  const length = tf.sqrt(tf.add(tf.sum(tf.square(x), 1, true), 1e-12));
  const unit = tf.div(x, length);
  return tf.matMul(unit, unit, false, true);
}

/**
 * Full topology distillation (FTD: Kang et al., KDD 2021, eq. 3): the squared difference of the two models' cosines between
 * entities. Theirs is the sum over all pairs, this the mean.
 * @param teacher [n, w], @param student [n, d]
 */
export function fullTopology(engine: Engine, teacher: Tensor, student: Tensor): Tensor {
  const { tf } = engine;
  return tf.mean(tf.square(tf.sub(cosines(engine, teacher), cosines(engine, student))));
}

export const ftd: LossTerm<'ftd'> = {
  term(_, { engine, teacher }) {
    const { tf } = engine;
    const factors = teacher!.itemFactors();
    return {
      prepare(step) {
        const sides = entitiesOf(engine, teacher!, step, factors);
        return {
          value: (view) =>
            tf.addN(
              sides.map(({ teacher, student }) => fullTopology(engine, teacher, student(view))),
            ) as Scalar,
          dispose: () => tf.dispose(sides.map(({ teacher }) => teacher)),
        };
      },
    };
  },
};
