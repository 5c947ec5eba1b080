import type { Engine, Scalar, Tensor } from '../../tensor/engine.ts';
import { normal, zeros } from './initial.ts';
import type { LossTerm } from './term.ts';

/**
 * FitNet's hint (Romero et al., ICLR 2015, eq. 3): the teacher's hidden layer, predicted from the student's user vector by
 * one trained projection. Mean square over users and units.
 * @param user [B, d], @param hidden [B, w], @param projection [d, w], @param bias [w]
 */
export function hintLoss(
  { tf }: Engine,
  user: Tensor,
  hidden: Tensor,
  projection: Tensor,
  bias: Tensor,
): Scalar {
  const predicted = tf.add(tf.matMul(user, projection), bias);
  return tf.mean(tf.square(tf.sub(predicted, hidden))) as Scalar;
}

export const fitnet: LossTerm<'fitnet'> = {
  term: (_, { engine, teacher }) => ({
    prepare({ seen }) {
      const hidden = teacher!.teacher.hidden!(seen);
      return {
        value: ({ user, parameters: p }) => hintLoss(engine, user, hidden, p['fitnet.w']!, p['fitnet.b']!),
        dispose: () => hidden.dispose(),
      };
    },
  }),
  parameters: (_, dimensions, widths, rng) => ({
    'fitnet.w': normal([dimensions, widths.user], dimensions, rng),
    'fitnet.b': zeros([widths.user]),
  }),
};
