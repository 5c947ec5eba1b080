import type { Engine, Scalar, Tensor } from '../../tensor/engine.ts';
import { entitiesOf, together } from './entities.ts';
import type { LossTerm } from './term.ts';

/** Cosines of the rows of x [n, w] with those of y [m, w], [n, m]; 0 for a row of zeros. */
export function cosines({ tf }: Engine, x: Tensor, y: Tensor): Tensor {
  const unit = (rows: Tensor) => tf.div(rows, tf.sqrt(tf.add(tf.sum(tf.square(rows), 1, true), 1e-12)));
  return tf.matMul(unit(x), unit(y), false, true);
}

/**
 * Full topology distillation (FTD: Kang et al., KDD 2021, section 4.1): the squared difference of the two models' cosines
 * between all entities of a batch, users and items in one matrix. Theirs is the sum over all pairs, this the mean, so that
 * its weight does not depend on the batch.
 * @param teacher [n, w], @param student [n, d]
 */
export function fullTopology(engine: Engine, teacher: Tensor, student: Tensor): Tensor {
  const { tf } = engine;
  return tf.mean(tf.square(tf.sub(cosines(engine, teacher, teacher), cosines(engine, student, student))));
}

export const ftd: LossTerm<'ftd'> = {
  term(_, { engine, teacher, rng }) {
    const { tf } = engine;
    const factors = teacher!.itemFactors();
    return {
      prepare(step) {
        const sides = entitiesOf(engine, teacher!, step, factors, rng);
        const all = together(engine, sides);
        tf.dispose(sides.map(({ teacher }) => teacher));
        return {
          value: (view) => fullTopology(engine, all.teacher, all.student(view)) as Scalar,
          dispose: () => all.teacher.dispose(),
        };
      },
    };
  },
};
