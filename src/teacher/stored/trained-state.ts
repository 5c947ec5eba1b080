import type { Csr } from '../../dataset/matrix.ts';
import type { Tensor } from '../../tensor/engine.ts';
import { readAndDispose } from '../../tensor/read.ts';
import type { FitOptions, FitResult } from '../../tensor/train/fit.ts';
import type { Parameters } from '../../tensor/train/parameters.ts';
import type { TeacherState, TrainingContext } from '../contract.ts';

/** A model in training. */
interface InTraining {
  kind: TeacherState['kind'];
  settings: object;
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
 * Waits for a training loop and returns its end as plain values; the epochs that gave the best weights are kept for a refit. The
 * parameters are released, also when training failed.
 */
export async function trainedState(
  kind: TeacherState['kind'],
  settings: object,
  parameters: Parameters,
  training: Promise<FitResult>,
): Promise<TeacherState> {
  try {
    const result = await training;
    return stateOf({ kind, settings, parameters }, result.bestEpoch ?? result.epochs);
  } finally {
    parameters.dispose();
  }
}

function stateOf({ kind, settings, parameters }: InTraining, epochs: number): TeacherState {
  const tensors = parameters.names.map((name) => [
    name,
    { shape: [...parameters.shape(name)], values: parameters.read(name) },
  ]);
  return { kind, settings: { ...settings, epochs }, epochs, tensors: Object.fromEntries(tensors) };
}
