import type { Engine, Tensor } from '../../tensor/engine.ts';
import type { NamedTensors } from '../../tensor/train/parameters.ts';
import type { TeacherState } from '../contract.ts';

/** Weights that are only read, without the optimizer's share of the memory. */
export interface Frozen {
  /** The number of parameters in all tensors together. */
  readonly count: number;
  /** Releases everything that `use` makes but what it returns. */
  evaluate<T extends Tensor>(use: (weights: NamedTensors) => T): T;
  read(name: string): Float32Array;
  tensors(): TeacherState['tensors'];
  dispose(): void;
}

export function createFrozen({ tf }: Engine, tensors: TeacherState['tensors']): Frozen {
  const entries = Object.entries(tensors);
  const weights: NamedTensors = Object.fromEntries(
    entries.map(([name, { shape, values }]) => [name, tf.keep(tf.tensor(values, shape))]),
  );
  const read = (name: string) => weights[name]!.dataSync() as Float32Array;
  return {
    count: entries.reduce((sum, [, { values }]) => sum + values.length, 0),
    evaluate: (use) => tf.tidy(() => use(weights)),
    read,
    tensors: () =>
      Object.fromEntries(
        Object.entries(weights).map(([name, tensor]) => [name, { shape: tensor.shape, values: read(name) }]),
      ),
    dispose: () => tf.dispose(weights),
  };
}
