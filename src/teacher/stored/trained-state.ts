import type { Csr } from '../../dataset/matrix.ts';
import type { Tensor } from '../../tensor/engine.ts';
import { readAndDispose } from '../../tensor/read.ts';
import type { FitOptions, FitResult } from '../../tensor/train/fit.ts';
import { readNamed } from '../../tensor/train/named-values.ts';
import type { Parameters } from '../../tensor/train/parameters.ts';
import type { TeacherState, TrainingContext } from '../contract.ts';

/** A model in training. */
interface InTraining {
  kind: TeacherState['kind'];
  settings: object & { epochs: number };
  parameters: Parameters;
}

/**
 * Returns the options that every loop which trains a teacher gives to `fit`: it validates, reports, keeps checkpoints, and keeps
 * the model's state on its way where a curriculum wants it.
 * @param scores of the model as it is now, [rows, items]
 */
export function besides<Batch>(
  { validation, signal, onProgress, resume, snapshots }: TrainingContext,
  model: InTraining,
  scores: (histories: Csr) => Tensor,
): Pick<FitOptions<Batch>, 'validation' | 'onEpoch' | 'signal' | 'onProgress'> & TrainingContext['resume'] {
  return {
    validation: validation && {
      ...validation,
      metric: () => validation.metric((histories) => readAndDispose(scores(histories))),
    },
    ...(snapshots && {
      onEpoch: async (epoch) => {
        if (snapshots.epochs.includes(epoch)) await snapshots.keep(stateOf(model, epoch));
      },
    }),
    signal,
    onProgress,
    ...resume,
  };
}

/**
 * Waits for a training loop and returns its end as plain values; the epochs that gave the best weights stand in the settings, and
 * stay there when training goes on from its weights. The parameters are released, also when training failed.
 */
export async function trainedState(
  model: InTraining,
  training: Promise<FitResult>,
  start?: TrainingContext['start'],
): Promise<TeacherState> {
  try {
    const result = await training;
    const epochs = start ? model.settings.epochs : (result.bestEpoch ?? result.epochs);
    return stateOf(model, epochs);
  } finally {
    model.parameters.dispose();
  }
}

function stateOf({ kind, settings, parameters }: InTraining, epochs: number): TeacherState {
  return { kind, settings: { ...settings, epochs }, epochs, tensors: readNamed(parameters) };
}
