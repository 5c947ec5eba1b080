import type { Tensor } from './backend/context.ts';

/** The tensor's numbers, row-major; the tensor itself is released. */
export function readAndDispose(tensor: Tensor): Float32Array {
  const values = tensor.dataSync() as Float32Array;
  tensor.dispose();
  return values;
}
