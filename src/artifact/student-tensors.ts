import { problem } from '../core/errors.ts';
import type { Manifest } from './manifest.ts';
import type { DType, Tensor } from './safetensors.ts';
import type { StudentWeights } from './student-weights.ts';

export const MANIFEST_FILE = 'manifest.json';
export const WEIGHTS_FILE = 'weights.safetensors';
export const ITEMS_FILE = 'items.json';
export const REPORT_FILE = 'report.json';

/** Names and types as described in manifest.ts. */
export function toTensors(weights: StudentWeights): Map<string, Tensor> {
  const { itemsIn, itemsOut, userBias, itemBias, popularity } = weights;
  const vector = (data: Float32Array): Tensor => ({ dtype: 'F32', shape: [data.length], data });
  return new Map<string, Tensor>([
    ['E_in.q', { dtype: 'I8', shape: [itemsIn.rows, itemsIn.width], data: itemsIn.q }],
    ['E_in.scale', vector(itemsIn.scale)],
    ['E_out.q', { dtype: 'I8', shape: [itemsOut.rows, itemsOut.width], data: itemsOut.q }],
    ['E_out.scale', vector(itemsOut.scale)],
    ['b', vector(userBias)],
    ['c', vector(itemBias)],
    ['popularity', vector(popularity)],
  ]);
}

type Sizes = Pick<Manifest, 'items' | 'dimensions' | 'normalization' | 'activation'>;

/**
 * The weights behind the tensors, checked against the sizes N = items, d = dimensions.
 * @throws problem('invalid-artifact') for a tensor that is missing, has another type or shape, or holds a number
 *   that is not finite
 */
export function fromTensors(tensors: ReadonlyMap<string, Tensor>, sizes: Sizes): StudentWeights {
  const { items: n, dimensions: d, normalization, activation } = sizes;
  const matrix = (name: string) => ({
    rows: n,
    width: d,
    q: expect(tensors, `${name}.q`, 'I8', [n, d]).data,
    scale: finite(tensors, `${name}.scale`, n),
  });
  return {
    itemsIn: matrix('E_in'),
    itemsOut: matrix('E_out'),
    userBias: finite(tensors, 'b', d),
    itemBias: finite(tensors, 'c', n),
    popularity: finite(tensors, 'popularity', n),
    normalization,
    activation,
  };
}

function expect<T extends DType>(
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

function finite(tensors: ReadonlyMap<string, Tensor>, name: string, length: number): Float32Array {
  const { data } = expect(tensors, name, 'F32', [length]);
  const wrong = data.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    throw problem('invalid-artifact', `${WEIGHTS_FILE}: tensor ${name} holds ${data[wrong]} at ${wrong}`);
  }
  return data;
}
