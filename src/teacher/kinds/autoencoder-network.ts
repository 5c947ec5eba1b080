import { scaleRows } from '../../dataset/batches.ts';
import type { Csr } from '../../dataset/matrix.ts';
import type { Engine, Scalar, Tensor } from '../../tensor/engine.ts';
import { readAndDispose } from '../../tensor/read.ts';
import type { SparseBatch } from '../../tensor/sparse/batch.ts';
import type { NamedTensors } from '../../tensor/train/parameters.ts';
import type { ItemFactors, TrainingContext } from '../contract.ts';
import type { Frozen } from '../stored/frozen.ts';
import { glorot } from './initial.ts';

export interface AutoencoderShape {
  /** Variational (Mult-VAE) or denoising only (Mult-DAE). */
  variant: 'vae' | 'dae';
  /** Widths of the hidden layers of the encoder; the decoder has them in reverse order. May be none. */
  hidden: number[];
  /** Width of the layer in the middle. */
  latent: number;
}

export function startValues(items: number, settings: AutoencoderShape, { rng }: TrainingContext) {
  const start = rng.fork('autoencoder-weights');
  const values: Record<string, { shape: number[]; values: Float32Array }> = {};
  const dense = (name: string, from: number, to: number) => {
    values[`w${name}`] = { shape: [from, to], values: glorot(from, to, start) };
    values[`b${name}`] = { shape: [to], values: new Float32Array(to) };
  };
  let width = items;
  let layer = 0;
  for (const next of settings.hidden) {
    dense(String(layer++), width, next);
    width = next;
  }
  if (settings.variant === 'vae') dense('Variance', width, settings.latent);
  for (const next of [settings.latent, ...settings.hidden.toReversed()]) {
    dense(String(layer++), width, next);
    width = next;
  }
  values.out = { shape: [items, width], values: glorot(items, width, start) };
  values.c = { shape: [items], values: new Float32Array(items) };
  return values;
}

/** Names of the matrices with a row for each item: without hidden layers the history goes straight into the latent ones. */
export function ofItems({ variant, hidden }: AutoencoderShape): string[] {
  const straight = variant === 'vae' && hidden.length === 0;
  return ['w0', 'out', 'c', ...(straight ? ['wVariance'] : [])];
}

/** Standard normal numbers [rows, latent]; undefined where nothing is sampled. */
export function noiseFor({ variant, latent }: AutoencoderShape, rows: number, rng: { normal(): number }) {
  return variant === 'vae' ? Float32Array.from({ length: rows * latent }, () => rng.normal()) : undefined;
}

interface Pass {
  /** Every layer behind the input, [B, width] each. */
  layers: Tensor[];
  /** [B, latent] */
  mean?: Tensor;
  /** [B, latent]; of 'vae' only. */
  logVariance?: Tensor;
}

/** x [B,N]; with noise the latent layer is sampled, without it is the mean. */
export function forward(
  engine: Engine,
  p: NamedTensors,
  { variant, hidden, latent }: AutoencoderShape,
  x: SparseBatch,
  noise?: Float32Array,
): Pass {
  const { tf } = engine;
  const middle = hidden.length;
  const count = 2 * hidden.length + 1;
  const affine = (input: Tensor | undefined, name: string) =>
    tf.add(input ? tf.matMul(input, p[`w${name}`]!) : engine.sparseMatMul(x, p[`w${name}`]!), p[`b${name}`]!);
  const layers: Tensor[] = [];
  let mean: Tensor | undefined;
  let logVariance: Tensor | undefined;
  for (let i = 0; i < count; i++) {
    let layer = affine(layers.at(-1), String(i));
    if (i === middle && variant === 'vae') {
      logVariance = affine(layers.at(-1), 'Variance');
      mean = layer;
      if (noise) {
        const spread = tf.mul(tf.exp(tf.mul(logVariance, 0.5)), tf.tensor2d(noise, [x.rows, latent]));
        layer = tf.add(mean, spread);
      }
    } else {
      layer = tf.tanh(layer);
    }
    layers.push(layer);
  }
  return { layers, mean, logVariance };
}

/** KL( N(mean, e^logVariance) || N(0, 1) ) summed over the latent layer, mean over the batch. */
export function klFromNormal({ tf }: Engine, mean: Tensor, logVariance: Tensor): Scalar {
  const terms = tf.sub(tf.add(tf.square(mean), tf.exp(logVariance)), tf.add(logVariance, 1));
  return tf.mul(tf.mean(tf.sum(terms, 1)), 0.5);
}

export function scoresOf(
  engine: Engine,
  weights: Pick<Frozen, 'evaluate'>,
  settings: AutoencoderShape,
  histories: Csr,
): Tensor {
  const x = engine.sparseRows(scaleRows(histories, 'l2'));
  try {
    return weights.evaluate((p) =>
      engine.linearScores(forward(engine, p, settings, x).layers.at(-1)!, p.out!, p.c!),
    );
  } finally {
    x.dispose();
  }
}

/** Folds the layers into two item matrices; each tanh becomes its mean slope 1 - tanh^2 on the sample. */
export function linearised(
  engine: Engine,
  weights: Frozen,
  settings: AutoencoderShape,
  sample: Csr,
): ItemFactors {
  const { tf } = engine;
  const x = engine.sparseRows(scaleRows(sample, 'l2'));
  const input = weights.evaluate((p) => {
    const { layers } = forward(engine, p, settings, x);
    const slopes = layers.map((layer, i) =>
      settings.variant === 'vae' && i === settings.hidden.length
        ? tf.onesLike(tf.slice(layer, [0, 0], [1, -1]))
        : tf.mean(tf.sub(1, tf.square(layer)), 0, true),
    );
    let folded = tf.mul(p.w0!, slopes[0]!);
    for (let i = 1; i < layers.length; i++) {
      folded = tf.mul(tf.matMul(folded, p[`w${i}`]!), slopes[i]!);
    }
    return folded;
  });
  x.dispose();
  return {
    input: readAndDispose(input),
    output: weights.read('out'),
    width: settings.hidden[0] ?? settings.latent,
  };
}
