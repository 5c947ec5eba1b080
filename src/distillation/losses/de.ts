import type { Scalar } from '../../tensor/engine.ts';
import { entitiesOf } from './entities.ts';
import {
  chooseExperts,
  gateTemperature,
  gumbelNoise,
  mixtureLoss,
  mixtureOf,
  mixtureParameters,
} from './mixture.ts';
import type { LossTerm } from './term.ts';

/**
 * Distillation experts (DE: Kang et al., CIKM 2020): the teacher's vectors of users and items, predicted from the student's
 * by experts of which a gate on the teacher's vector chooses one (section 4.1). Mean square over entities and units, summed over
 * the two sides; theirs is the sum. The default is 8 experts for their 30: their numbers of users and items in a batch are
 * larger, and each expert is a network of its own that the student does not keep. The gate has no bias.
 */
export const de: LossTerm<'de'> = {
  term(settings, setup) {
    const { engine, teacher, rng } = setup;
    const { tf } = engine;
    const factors = teacher!.itemFactors();
    return {
      prepare(step) {
        const sides = entitiesOf(engine, teacher!, step, factors, rng).map((entities) => ({
          ...entities,
          noise: tf.tensor2d(gumbelNoise(entities.teacher.shape[0]!, settings.experts, rng), [
            entities.teacher.shape[0]!,
            settings.experts,
          ]),
        }));
        const temperature = gateTemperature(step.progress);
        return {
          value(view) {
            const losses = sides.map(({ side, teacher, student, noise }) => {
              const mixture = mixtureOf(view.parameters, `de.${side}`);
              const choice = chooseExperts(engine, teacher, mixture.gate, noise, temperature);
              return mixtureLoss(engine, student(view), teacher, choice, mixture);
            });
            return tf.addN(losses) as Scalar;
          },
          dispose: () => tf.dispose(sides.flatMap(({ teacher, noise }) => [teacher, noise])),
        };
      },
    };
  },
  parameters: ({ experts }, dimensions, widths, rng) =>
    mixtureParameters('de', dimensions, widths, experts, rng),
};
