import { differentiable } from '../../tensor/backend/differentiable.ts';
import type { Engine, Scalar, Tensor } from '../../tensor/engine.ts';
import { entitiesOf } from './entities.ts';
import { cosines, fullTopology } from './ftd.ts';
import {
  chooseExperts,
  gateTemperature,
  gumbelNoise,
  mixtureLoss,
  mixtureOf,
  mixtureParameters,
} from './mixture.ts';
import type { LossTerm } from './term.ts';

/** Share of the groups' own topology in that of HTD; the authors' alpha. */
const ALPHA = 0.5;

/**
 * Hierarchical topology distillation (HTD: Kang et al., KDD 2021, section 4.2): the topology of the groups' means, and that of
 * entities of one group. Pairs of different groups are left alone.
 * @param groups [n, G] shares of each entity in each group, rows sum to 1
 */
export function groupedTopology(engine: Engine, teacher: Tensor, student: Tensor, groups: Tensor): Tensor {
  const { tf } = engine;
  const sizes = tf.reshape(tf.add(tf.sum(groups, 0), 1e-6), [-1, 1]);
  const means = (x: Tensor) => tf.div(tf.matMul(groups, x, true), sizes);
  const between = fullTopology(engine, means(teacher), means(student));
  const together = tf.matMul(groups, groups, false, true);
  const apart = tf.square(tf.sub(cosines(engine, teacher), cosines(engine, student)));
  const within = tf.div(tf.sum(tf.mul(apart, together)), tf.sum(together));
  return tf.add(tf.mul(between, ALPHA), tf.mul(within, 1 - ALPHA));
}

export const htd: LossTerm<'htd'> = {
  term({ groups }, { engine, teacher, rng }) {
    const { tf } = engine;
    const factors = teacher!.itemFactors();
    return {
      prepare(step) {
        const sides = entitiesOf(engine, teacher!, step, factors);
        const noise = sides.map(({ teacher: { shape } }) =>
          tf.tensor2d(gumbelNoise(shape[0]!, groups, rng), [shape[0]!, groups]),
        );
        const temperature = gateTemperature(step.progress);
        return {
          value(view) {
            const losses = sides.map(({ side, teacher, student }, i) => {
              const mixture = mixtureOf(view.parameters, `htd.${side}`);
              const choice = chooseExperts(engine, teacher, mixture.gate, noise[i]!, temperature);
              // The gate learns from what its experts can tell of the teacher, not from the topology it would flatten.
              const told = mixtureLoss(engine, student(view), teacher, choice, mixture);
              return tf.add(told, groupedTopology(engine, teacher, student(view), constant(engine, choice)));
            });
            return tf.addN(losses) as Scalar;
          },
          dispose: () => tf.dispose([...noise, ...sides.map(({ teacher }) => teacher)]),
        };
      },
    };
  },
  parameters: ({ groups }, dimensions, widths, rng) =>
    mixtureParameters('htd', dimensions, widths, groups, rng),
};

function constant(engine: Engine, x: Tensor): Tensor {
  return differentiable(
    engine,
    { x },
    () => x.clone(),
    () => ({ x: () => engine.tf.zerosLike(x) }),
  );
}
