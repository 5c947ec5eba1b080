import { problem } from '../../core/errors.ts';
import type { DType, Tensor } from './safetensors.ts';

export const WEIGHTS_FILE = 'weights.safetensors';

export function expectTensor<T extends DType>(
  tensors: ReadonlyMap<string, Tensor>,
  name: string,
  dtype: T,
  shape: readonly number[],
): Extract<Tensor, { dtype: T }> {
  const tensor = tensors.get(name);
  if (!tensor) throw problem('invalid-artifact', `${WEIGHTS_FILE}: tensor ${name} is missing`);
  if (tensor.dtype !== dtype || tensor.shape.join() !== shape.join()) {
    throw problem(
      'invalid-artifact',
      `${WEIGHTS_FILE}: tensor ${name} is ${tensor.dtype} [${tensor.shape}], the manifest asks for ${dtype} [${shape}]`,
    );
  }
  return tensor as Extract<Tensor, { dtype: T }>;
}

export function finite(
  tensors: ReadonlyMap<string, Tensor>,
  name: string,
  shape: readonly number[],
): Float32Array {
  const { data } = expectTensor(tensors, name, 'F32', shape);
  const wrong = data.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    throw problem('invalid-artifact', `${WEIGHTS_FILE}: tensor ${name} holds ${data[wrong]} at ${wrong}`);
  }
  return data;
}
