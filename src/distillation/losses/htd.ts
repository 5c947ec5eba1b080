import type { Engine, Scalar, Tensor } from '../../tensor/engine.ts';
import type { NamedTensors } from '../../tensor/train/parameters.ts';
import { type Entities, entitiesOf, together } from './entities.ts';
import { cosines } from './ftd.ts';
import {
  chooseExperts,
  gateTemperature,
  gumbelNoise,
  mixtureLoss,
  mixtureOf,
  mixtureParameters,
} from './mixture.ts';
import type { LossTerm } from './term.ts';

/** Share of the topology in the loss, the rest is that of the assignment to groups; the authors' alpha. */
const ALPHA = 0.5;

/**
 * Topology in two levels (HTD: Kang et al., KDD 2021, section 4.2): the squared difference of the two models' cosines between
 * each group's mean and each entity, and between the entities of one group. This is the later of the two forms in the
 * authors' code, Group(P,e). As there, the means are constants of the step: no gradient flows through them.
 *
 * Theirs are sums over pairs, these are means. Theirs also drops pairs of one group whose cosine is negative for the teacher,
 * which the paper does not say; here all pairs of a group count.
 * @param teacher [n, w], @param student [n, d]
 * @param groups [n] the group of each entity
 */
export function groupedTopology(
  engine: Engine,
  teacher: Tensor,
  student: Tensor,
  groups: Int32Array,
): Tensor {
  const { tf } = engine;
  const members = membersOf(engine, groups);
  const shares = tf.div(members, tf.sum(members, 1, true));
  const means = (x: Tensor) => detached(engine, tf.matMul(shares, x));
  const apart = (t: Tensor, s: Tensor) => tf.square(tf.sub(t, s));
  const withGroups = apart(
    cosines(engine, means(teacher), teacher),
    cosines(engine, means(student), student),
  );
  const withEachOther = apart(cosines(engine, teacher, teacher), cosines(engine, student, student));
  const ofOneGroup = tf.matMul(members, members, true);
  return tf.add(tf.mean(withGroups), tf.div(tf.sum(tf.mul(withEachOther, ofOneGroup)), tf.sum(ofOneGroup)));
}

/** [groups that have members, n] 1 where the entity belongs to the group. */
function membersOf({ tf }: Engine, groups: Int32Array): Tensor {
  const present = [...new Set(groups)];
  const members = new Float32Array(present.length * groups.length);
  groups.forEach((group, i) => {
    members[present.indexOf(group) * groups.length + i] = 1;
  });
  return tf.tensor2d(members, [present.length, groups.length]);
}

/** Copies a tensor, so that no gradient flows through it. */
function detached({ tf }: Engine, x: Tensor): Tensor {
  return tf.tensor(x.dataSync(), x.shape);
}

/** The group of each entity: the most likely one by the gate of its side. Users and items have groups of their own. */
function groupsOf({ tf }: Engine, sides: readonly Entities[], p: NamedTensors, groups: number): Int32Array {
  return Int32Array.from(
    sides.flatMap(({ side, teacher }, i) => {
      const chosen = tf.argMax(tf.matMul(teacher, mixtureOf(p, `htd.${side}`).gate), 1).dataSync();
      return Array.from(chosen, (group) => i * groups + group);
    }),
  );
}

export const htd: LossTerm<'htd'> = {
  term({ groups }, { engine, teacher, rng }) {
    const { tf } = engine;
    const factors = teacher!.itemFactors();
    return {
      prepare(step) {
        const sides = entitiesOf(engine, teacher!, step, factors, rng);
        const all = together(engine, sides);
        const noise = sides.map(({ teacher: { shape } }) =>
          tf.tensor2d(gumbelNoise(shape[0]!, groups, rng), [shape[0]!, groups]),
        );
        const temperature = gateTemperature(step.progress);
        return {
          value(view) {
            const p = view.parameters;
            const topology = groupedTopology(
              engine,
              all.teacher,
              all.student(view),
              groupsOf(engine, sides, p, groups),
            );
            // The gates learn from what a group's expert can tell of the teacher's vectors, never from the topology.
            const assignment = sides.map(({ side, teacher, student }, i) => {
              const mixture = mixtureOf(p, `htd.${side}`);
              const choice = chooseExperts(engine, teacher, mixture.gate, noise[i]!, temperature);
              return mixtureLoss(engine, student(view), teacher, choice, mixture);
            });
            return tf.add(tf.mul(topology, ALPHA), tf.mul(tf.addN(assignment), 1 - ALPHA)) as Scalar;
          },
          dispose: () => tf.dispose([all.teacher, ...noise, ...sides.map(({ teacher }) => teacher)]),
        };
      },
    };
  },
  parameters: ({ groups }, dimensions, widths, rng) =>
    mixtureParameters('htd', dimensions, widths, groups, rng),
};
