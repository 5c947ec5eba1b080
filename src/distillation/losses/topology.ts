import { differentiable } from '../../tensor/differentiable.ts';
import type { Engine, Scalar, Tensor } from '../../tensor/engine.ts';
import { entitiesOf } from './entities.ts';
import { chooseExperts, gateTemperature, gumbelNoise, mixtureLoss, mixtureOf } from './mixture.ts';
import type { SettingsOf, Term, TermSetup } from './term.ts';

/** Share of the groups' own topology in that of HTD; the authors' alpha. */
const ALPHA = 0.5;

/** Cosines of all pairs of rows, [n, n]. */
export function cosines({ tf }: Engine, x: Tensor): Tensor {
  const length = tf.sqrt(tf.add(tf.sum(tf.square(x), 1, true), 1e-12));
  const unit = tf.div(x, length);
  return tf.matMul(unit as never, unit as never, false, true);
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

/**
 * Hierarchical topology distillation (HTD: the same paper, section 4.2): the topology of the groups' means, and that of
 * entities of one group. Pairs of different groups are left alone.
 * @param groups [n, G] shares of each entity in each group, rows sum to 1
 */
export function groupedTopology(engine: Engine, teacher: Tensor, student: Tensor, groups: Tensor): Tensor {
  const { tf } = engine;
  const z = groups as never;
  const sizes = tf.reshape(tf.add(tf.sum(groups, 0), 1e-6), [-1, 1]);
  const means = (x: Tensor) => tf.div(tf.matMul(z, x as never, true), sizes);
  const between = fullTopology(engine, means(teacher), means(student));
  const together = tf.matMul(z, z, false, true);
  const apart = tf.square(tf.sub(cosines(engine, teacher), cosines(engine, student)));
  const within = tf.div(tf.sum(tf.mul(apart, together)), tf.sum(together));
  return tf.add(tf.mul(between, ALPHA), tf.mul(within, 1 - ALPHA));
}

export function topology(settings: SettingsOf<'topology'>, { engine, teacher, rng }: TermSetup): Term {
  const { tf } = engine;
  const { groups } = settings;
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
            if (groups === 1) return fullTopology(engine, teacher, student(view));
            const mixture = mixtureOf(view.parameters, `topology.${side}`);
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
}

function constant(engine: Engine, x: Tensor): Tensor {
  return differentiable(
    engine,
    { x },
    () => x.clone(),
    () => ({ x: () => engine.tf.zerosLike(x) }),
  );
}
