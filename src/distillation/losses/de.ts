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
 * by experts of which a gate on the teacher's vector chooses one. Mean square, summed over the two sides.
 */
export const de: LossTerm<'de'> = {
  term(settings, setup) {
    const { engine, teacher, rng } = setup;
    const { tf } = engine;
    const factors = teacher!.itemFactors();
    return {
      prepare(step) {
        const sides = entitiesOf(engine, teacher!, step, factors).map((entities) => ({
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
