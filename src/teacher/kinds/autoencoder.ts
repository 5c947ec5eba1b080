import { hideRandomly, scaleRows, stepsPerEpoch, userBatches } from '../../dataset/batches.ts';
import { type Csr, selectRows } from '../../dataset/matrix.ts';
import type { Engine, Scalar, Tensor } from '../../tensor/engine.ts';
import { readAndDispose } from '../../tensor/read.ts';
import type { SparseBatch } from '../../tensor/sparse.ts';
import { fit } from '../../tensor/train/fit.ts';
import { createParameters, type Loss, type NamedTensors } from '../../tensor/train/parameters.ts';
import type { ItemFactors, Teacher, TeacherState, TrainingContext } from '../contract.ts';
import { createFrozen, type Frozen } from '../stored/frozen.ts';
import { projectFactors } from '../stored/project-factors.ts';
import { besides, trainedState } from '../stored/trained-state.ts';
import { glorot } from './initial.ts';

export interface AutoencoderSettings {
  kind: 'autoencoder';
  /** Variational (Mult-VAE) or denoising only (Mult-DAE). */
  variant: 'vae' | 'dae';
  /** Widths of the hidden layers of the encoder; the decoder has them in reverse order. May be none. */
  hidden: number[];
  /** Width of the layer in the middle. */
  latent: number;
  /**
   * Weight of the KL divergence from the prior beside the likelihood of a whole history, as in the paper; reached over the first
   * half of the steps. Of 'vae' only.
   */
  klWeight: number;
  epochs: number;
  batchSize: number;
  learningRate: number;
  /** Share of the history hidden at each step. */
  dropout: number;
  /** Decoupled (AdamW). */
  weightDecay: number;
}

/**
 * Mult-VAE and Mult-DAE (Liang et al., WWW 2018): history scaled to length 1, dropout -> tanh layers -> latent -> tanh layers
 * -> softmax over all items, trained by the multinomial likelihood of the user's own items; the VAE samples its latent layer
 * and is drawn to a standard normal by an annealed KL divergence.
 */
export async function trainAutoencoderTeacher(
  settings: AutoencoderSettings,
  context: TrainingContext,
): Promise<Teacher> {
  const { engine, rng, train } = context;
  const steps = stepsPerEpoch(train, settings.batchSize);
  const parameters = createParameters(engine, startValues(train.columns, settings, context), {
    kind: 'adamw',
    learningRate: settings.learningRate,
    weightDecay: settings.weightDecay,
    schedule: { kind: 'cosine', totalSteps: steps * settings.epochs, finalFraction: 0.05 },
  });
  const draws = rng.fork('autoencoder-batches');
  const annealing = Math.max(1, 0.5 * steps * settings.epochs);
  // The likelihood here is that of one item of a history, the mean instead of the sum. Without this the KL would be as many times
  // too strong, and the latent layer would say nothing about the user.
  const klWeight = settings.klWeight / Math.max(1, train.indices.length / Math.max(1, train.rows));
  const training = fit({
    parameters,
    epochs: settings.epochs,
    stepsPerEpoch: steps,
    *batches() {
      for (const users of userBatches(train, settings.batchSize, draws)) {
        const rows = selectRows(train, users);
        const x = engine.sparseRows(scaleRows(hideRandomly(rows, settings.dropout, draws), 'l2'));
        const noise = noiseFor(settings, rows.rows, draws);
        yield { x, labels: engine.sparseRows(scaleRows(rows, 'l1')), noise };
      }
    },
    loss(p, { x, labels, noise }): Loss {
      const { layers, mean, logVariance } = forward(engine, p, settings, x, noise);
      const likelihood = engine.softmaxHeadLoss({ h: layers.at(-1)!, e: p.out!, c: p.c!, labels });
      if (!mean || !logVariance) return { total: likelihood, parts: { likelihood } };
      const kl = klFromNormal(engine, mean, logVariance);
      const weight = klWeight * Math.min(1, parameters.steps / annealing);
      return {
        total: engine.tf.add(likelihood, engine.tf.mul(kl, weight)) as Scalar,
        parts: { likelihood, kl },
      };
    },
    release({ x, labels }) {
      x.dispose();
      labels.dispose();
    },
    rng: draws,
    ...besides(context, { kind: 'autoencoder', settings, parameters }, (histories) =>
      scoresOf(engine, parameters, settings, histories),
    ),
  });
  return restoreAutoencoderTeacher(engine, await trainedState('autoencoder', settings, parameters, training));
}

export function restoreAutoencoderTeacher(engine: Engine, state: TeacherState): Teacher {
  const settings = state.settings as unknown as AutoencoderSettings;
  const frozen = createFrozen(engine, state.tensors);
  const itemFactors = (sample: Csr) => linearised(engine, frozen, settings, sample);
  const layers = [...settings.hidden, settings.latent, ...settings.hidden.toReversed()];
  return {
    kind: 'autoencoder',
    description: `autoencoder ${settings.variant} ${layers.join('-')}`,
    parameters: frozen.count,
    bytes: frozen.count * Float32Array.BYTES_PER_ELEMENT,
    epochs: state.epochs,
    settings: state.settings,
    scores: (histories) => scoresOf(engine, frozen, settings, histories),
    itemFactors,
    project: (directions, width, sample) => projectFactors(engine, itemFactors(sample), directions, width),
    hidden(histories) {
      const x = engine.sparseRows(scaleRows(histories, 'l2'));
      const last = frozen.evaluate((p) => forward(engine, p, settings, x).layers.at(-1)!);
      x.dispose();
      return last;
    },
    state: () => ({ ...state, tensors: frozen.tensors() }),
    dispose: () => frozen.dispose(),
  };
}

function startValues(items: number, settings: AutoencoderSettings, { rng }: TrainingContext) {
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

/** Standard normal numbers [rows, latent]; undefined where nothing is sampled. */
function noiseFor({ variant, latent }: AutoencoderSettings, rows: number, rng: { normal(): number }) {
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
function forward(
  engine: Engine,
  p: NamedTensors,
  { variant, hidden, latent }: AutoencoderSettings,
  x: SparseBatch,
  noise?: Float32Array,
): Pass {
  const { tf } = engine;
  const middle = hidden.length;
  const count = 2 * hidden.length + 1;
  const affine = (input: Tensor | undefined, name: string) =>
    tf.add(
      input ? tf.matMul(input as never, p[`w${name}`]! as never) : engine.sparseMatMul(x, p[`w${name}`]!),
      p[`b${name}`]!,
    );
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
function klFromNormal({ tf }: Engine, mean: Tensor, logVariance: Tensor): Scalar {
  const terms = tf.sub(tf.add(tf.square(mean), tf.exp(logVariance)), tf.add(logVariance, 1));
  return tf.mul(tf.mean(tf.sum(terms, 1)), 0.5);
}

function scoresOf(
  engine: Engine,
  weights: Pick<Frozen, 'evaluate'>,
  settings: AutoencoderSettings,
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
function linearised(
  engine: Engine,
  weights: Frozen,
  settings: AutoencoderSettings,
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
      folded = tf.mul(tf.matMul(folded as never, p[`w${i}`]! as never), slopes[i]!);
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
