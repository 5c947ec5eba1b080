import { type Static, Type } from 'typebox';
import { logWeights } from '../../dataset/log-weights.ts';
import { columnSums } from '../../dataset/matrix.ts';
import type { Engine } from '../../tensor/engine.ts';
import type { Teacher, TeacherState, TrainingContext } from '../contract.ts';
import type { TeacherMaker } from '../maker.ts';
import { createSteps } from './closed-form.ts';

const PopularitySettings = Type.Object({ kind: Type.Literal('popularity') });
type PopularitySettings = Static<typeof PopularitySettings>;

/**
 * Gives everyone the same scores: the logarithm of each item's weight in training, so that the softmax is the popularity itself.
 */
async function trainPopularity(settings: PopularitySettings, context: TrainingContext): Promise<Teacher> {
  const values = logWeights(columnSums(context.train));
  await createSteps(context, 1).step();
  const tensors = { logShares: { shape: [values.length], values } };
  return restorePopularity(context.engine, {
    kind: 'popularity',
    settings: { ...settings },
    epochs: 1,
    tensors,
  });
}

function restorePopularity({ tf }: Engine, state: TeacherState): Teacher {
  const { values } = state.tensors.logShares!;
  return {
    kind: 'popularity',
    description: 'popularity',
    parameters: values.length,
    bytes: values.byteLength,
    epochs: 1,
    settings: state.settings,
    scores: ({ rows }) => tf.tidy(() => tf.tile(tf.tensor2d(values, [1, values.length]), [rows, 1])),
    // Nothing depends on the history: the map is zero, and all is in the offset.
    project: (directions) => new Float32Array(directions.length),
    state: () => state,
    dispose: () => {},
  };
}

export const popularity: TeacherMaker<typeof PopularitySettings> = {
  kind: 'popularity',
  settings: PopularitySettings,
  plan: () => ({ kind: 'popularity' }),
  continues: false,
  train: trainPopularity,
  restore: (engine, _settings, state) => restorePopularity(engine, state),
};
