import type { FitResult } from '../tensor/fit.ts';
import type { Parameters } from '../tensor/parameters.ts';
import type { TeacherState } from './contract.ts';

/**
 * What a training loop ended with, as plain values; its settings say the epochs that gave the best weights, for a refit.
 * The parameters are released, also when training failed.
 */
export async function trainedState(
  kind: TeacherState['kind'],
  settings: object,
  parameters: Parameters,
  training: Promise<FitResult>,
): Promise<TeacherState> {
  try {
    const result = await training;
    const epochs = result.bestEpoch ?? result.epochs;
    const tensors = parameters.names.map((name) => [
      name,
      { shape: [...parameters.shape(name)], values: parameters.read(name) },
    ]);
    return { kind, settings: { ...settings, epochs }, epochs, tensors: Object.fromEntries(tensors) };
  } finally {
    parameters.dispose();
  }
}
