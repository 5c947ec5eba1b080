import { problem } from '../../core/errors.ts';
import { finite } from '../format/checked-tensors.ts';
import type { Tensor } from '../format/safetensors.ts';
import { featureShape, featureTensors, readFeatures } from './feature-tensors.ts';
import { matrixTensors, readMatrix } from './item-matrix.ts';
import type { StudentShape } from './manifest.ts';
import {
  type EncoderLayer,
  type EncoderLayers,
  encoderShapes,
  type SequenceEncoder,
} from './sequence-encoder.ts';
import {
  hasItemBias,
  type InnerLayer,
  isTied,
  type RatingFacts,
  type RatingWeights,
  type StudentWeights,
} from './student-weights.ts';

export const MANIFEST_FILE = 'manifest.json';
export const ITEMS_FILE = 'items.json';
export const REPORT_FILE = 'report.json';

/** Names and types as described in manifest.ts. */
export function toTensors(weights: StudentWeights): Map<string, Tensor> {
  const { itemsIn, itemsOut, userBias, inner, solver, encoder, itemBias, popularity, quantization } = weights;
  const vector = (data: Float32Array): Tensor => ({ dtype: 'F32', shape: [data.length], data });
  return new Map<string, Tensor>([
    ...matrixTensors('E_out', itemsOut, quantization),
    ...(isTied(weights) ? [] : matrixTensors('E_in', itemsIn, quantization)),
    ...(encoder ? encoderTensors(encoder, itemsOut.width) : ([['b', vector(userBias)]] as const)),
    ...(solver ? ([['G', vector(solver.gram)]] as const) : []),
    ...(inner
      ? ([
          ['W', { dtype: 'F32', shape: [userBias.length, inner.bias.length], data: inner.weights }],
          ['b2', vector(inner.bias)],
        ] as const)
      : []),
    ...(weights.heads ?? []).flatMap(({ layer }, task) => headTensors(task, layer)),
    ...(hasItemBias(weights) ? ([['c', vector(itemBias)]] as const) : []),
    ...(weights.rating ? ([['base', vector(weights.rating.base)]] as const) : []),
    ...(weights.features ? featureTensors(weights.features, isTied(weights)) : []),
    ['popularity', vector(popularity)],
  ]);
}

function headTensors(task: number, { weights, bias }: InnerLayer): [string, Tensor][] {
  const d = bias.length;
  return [
    [`head.${task}.W`, { dtype: 'F32', shape: [d, d], data: weights }],
    [`head.${task}.b`, { dtype: 'F32', shape: [d], data: bias }],
  ];
}

/** The manifest's fields that follow from the weights. */
export function shapeOf(weights: StudentWeights): StudentShape {
  return {
    items: weights.itemsOut.rows,
    dimensions: weights.itemsOut.width,
    hidden: weights.inner ? weights.userBias.length : null,
    tied: isTied(weights),
    itemBias: hasItemBias(weights),
    quantization: weights.quantization,
    normalization: weights.normalization,
    activation: weights.activation,
    ...(weights.heads && {
      tasks: weights.heads.map(({ task, types }) => ({ name: task, types: [...types] })),
    }),
    ...(weights.rating && { rating: factsOf(weights.rating) }),
    ...(weights.features && { features: featureShape(weights.features) }),
    ...(weights.recency !== undefined && { recency: weights.recency }),
    ...(weights.solver && { solver: { perPair: weights.solver.perPair, scale: weights.solver.scale } }),
    ...(weights.encoder && { encoder: { length: weights.encoder.length, heads: weights.encoder.heads } }),
  };
}

function factsOf({ base: _, ...facts }: RatingWeights): RatingFacts {
  return facts;
}

/**
 * The weights behind the tensors, checked against the sizes N = items, d = dimensions, h = hidden or d.
 * @throws problem('invalid-artifact') for a tensor that is missing, has another type or shape, or holds a number
 *   that is not finite
 */
export function fromTensors(tensors: ReadonlyMap<string, Tensor>, shape: StudentShape): StudentWeights {
  const {
    items: n,
    dimensions: d,
    hidden,
    tied,
    itemBias,
    quantization,
    normalization,
    activation,
    tasks,
    rating,
    features,
    recency,
    solver,
    encoder,
  } = shape;
  if (tied && hidden !== null) {
    throw problem('invalid-artifact', 'a tied student has no hidden layer; the manifest has both');
  }
  if (rating && (tied || hidden !== null || !(rating.low < rating.high))) {
    throw problem(
      'invalid-artifact',
      'a student of ratings has two item matrices, no hidden layer, and a scale',
    );
  }
  if (features && (rating || ((features.users || features.newUsers) && (encoder || tasks)))) {
    throw problem(
      'invalid-artifact',
      'features of users are read by students that sum histories up for one task, and none by those of ratings',
    );
  }
  if (encoder && (hidden !== null || d % encoder.heads !== 0)) {
    throw problem(
      'invalid-artifact',
      'an encoder has no hidden layer behind it, and dimensions are a multiple of its heads; the manifest says otherwise',
    );
  }
  if (
    solver &&
    (hidden !== null || encoder || rating || activation !== 'identity' || normalization !== 'none')
  ) {
    throw problem(
      'invalid-artifact',
      'a user vector that is solved has no hidden layer, encoder, activation or normalization; the manifest has both',
    );
  }
  const itemsOut = readMatrix(tensors, 'E_out', n, d, quantization);
  return {
    itemsOut,
    itemsIn: tied ? itemsOut : readMatrix(tensors, 'E_in', n, rating ? 2 * d : (hidden ?? d), quantization),
    userBias: encoder ? new Float32Array(d) : finite(tensors, 'b', [hidden ?? d]),
    inner:
      hidden === null
        ? null
        : { weights: finite(tensors, 'W', [hidden, d]), bias: finite(tensors, 'b2', [d]) },
    ...(encoder && { encoder: { ...encoder, layers: readEncoder(tensors, d, encoder.length) } }),
    ...(recency !== undefined && { recency }),
    ...(solver && { solver: { ...solver, gram: readGram(tensors, d) } }),
    itemBias: itemBias ? finite(tensors, 'c', [n]) : new Float32Array(n),
    popularity: finite(tensors, 'popularity', [n]),
    quantization,
    normalization,
    activation,
    ...(tasks && {
      heads: tasks.map(({ name, types }, task) => ({
        task: name,
        types,
        layer: {
          weights: finite(tensors, `head.${task}.W`, [d, d]),
          bias: finite(tensors, `head.${task}.b`, [d]),
        },
      })),
    }),
    ...(rating && { rating: { ...rating, base: finite(tensors, 'base', [n]) } }),
    ...(features && { features: readFeatures(tensors, features, { d, h: hidden ?? d, tied }) }),
  };
}

/** @throws problem('invalid-artifact') for a number that is not positive: then there may be no solution */
function readGram(tensors: ReadonlyMap<string, Tensor>, d: number): Float32Array {
  const gram = finite(tensors, 'G', [d]);
  if (gram.every((value) => value > 0)) return gram;
  throw problem('invalid-artifact', 'tensor G holds a number that is not positive');
}

function encoderTensors({ layers, length }: SequenceEncoder, d: number): [string, Tensor][] {
  return Object.entries(encoderShapes(d, length)).map(([name, shape]) => [
    `encoder.${name}`,
    { dtype: 'F32', shape, data: layers[name as EncoderLayer] },
  ]);
}

function readEncoder(tensors: ReadonlyMap<string, Tensor>, d: number, length: number): EncoderLayers {
  const layers = Object.entries(encoderShapes(d, length)).map(([name, shape]) => [
    name,
    finite(tensors, `encoder.${name}`, shape),
  ]);
  return Object.fromEntries(layers) as EncoderLayers;
}
