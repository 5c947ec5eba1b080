import { type Static, Type } from 'typebox';
import { hideRandomly, scaleRows, stepsPerEpoch, userBatches } from '../../dataset/batches.ts';
import { type DataSize, planEpochs } from '../../dataset/data-size.ts';
import { type Csr, selectRows } from '../../dataset/matrix.ts';
import type { OptionsOf } from '../../domain/teachers/single.ts';
import type { Engine, Scalar } from '../../tensor/engine.ts';
import { fit } from '../../tensor/train/fit.ts';
import { createParameters, type Loss } from '../../tensor/train/parameters.ts';
import type { Teacher, TeacherState, TrainingContext } from '../contract.ts';
import type { TeacherMaker } from '../maker.ts';
import { createFrozen } from '../stored/frozen.ts';
import { projectFactors } from '../stored/project-factors.ts';
import { besides, trainedState } from '../stored/trained-state.ts';
import { paceOf, startedFrom } from '../stored/warm-start.ts';
import {
  forward,
  klFromNormal,
  linearised,
  noiseFor,
  ofItems,
  scoresOf,
  startValues,
} from './autoencoder-network.ts';

const AutoencoderSettings = Type.Object({
  kind: Type.Literal('autoencoder'),
  /** See AutoencoderShape, as of the next two. */
  variant: Type.Enum(['vae', 'dae']),
  hidden: Type.Array(Type.Number()),
  latent: Type.Number(),
  /**
   * Weight of the KL divergence from the prior beside the likelihood of a whole history, as in the paper; reached over the first
   * half of the steps. Of 'vae' only.
   */
  klWeight: Type.Number(),
  epochs: Type.Number(),
  batchSize: Type.Number(),
  learningRate: Type.Number(),
  /** Share of the history hidden at each step. */
  dropout: Type.Number(),
  /** Decoupled (AdamW). */
  weightDecay: Type.Number(),
});
export type AutoencoderSettings = Static<typeof AutoencoderSettings>;

/** Widths, dropout and KL weight are those of the paper. */
function planAutoencoder(options: OptionsOf<'autoencoder'>, { users }: DataSize): AutoencoderSettings {
  const batchSize = options.batchSize ?? (users < 5000 ? 256 : 512);
  return {
    kind: 'autoencoder',
    variant: options.variant ?? 'vae',
    hidden: options.hidden ?? [600],
    latent: options.latent ?? 200,
    klWeight: options.variant === 'dae' ? 0 : (options.klWeight ?? 0.2),
    epochs: options.epochs ?? planEpochs(users, batchSize),
    batchSize,
    learningRate: options.learningRate ?? 0.002,
    dropout: options.dropout ?? 0.5,
    weightDecay: options.weightDecay ?? 0.5,
  };
}

/**
 * Mult-VAE and Mult-DAE (Liang et al., WWW 2018): history scaled to length 1, dropout -> tanh layers -> latent -> tanh layers
 * -> softmax over all items, trained by the multinomial likelihood of the user's own items; the VAE samples its latent layer
 * and is drawn to a standard normal by an annealed KL divergence.
 */
async function trainAutoencoder(settings: AutoencoderSettings, context: TrainingContext): Promise<Teacher> {
  const { engine, rng, train, start } = context;
  const { epochs, learningRate } = paceOf(settings, start);
  const steps = stepsPerEpoch(train, settings.batchSize);
  const fresh = startValues(train.columns, settings, context);
  const parameters = createParameters(engine, startedFrom(fresh, start, ofItems(settings)), {
    kind: 'adamw',
    learningRate,
    weightDecay: settings.weightDecay,
    schedule: { kind: 'cosine', totalSteps: steps * epochs, finalFraction: 0.05 },
  });
  const model = { kind: 'autoencoder', settings, parameters };
  const draws = rng.fork('autoencoder-batches');
  // Of weights from an earlier training it has been reached.
  const annealed = (step: number) => (start ? 1 : Math.min(1, step / Math.max(1, 0.5 * steps * epochs)));
  // The likelihood here is that of one item of a history, the mean instead of the sum. Without this the KL would be as many times
  // too strong, and the latent layer would say nothing about the user.
  const klWeight = settings.klWeight / Math.max(1, train.indices.length / Math.max(1, train.rows));
  const training = fit({
    parameters,
    epochs,
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
      const weight = klWeight * annealed(parameters.steps);
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
    ...besides(context, model, (histories) => scoresOf(engine, parameters, settings, histories)),
  });
  return restoreAutoencoder(engine, settings, await trainedState(model, training, start));
}

function restoreAutoencoder(engine: Engine, settings: AutoencoderSettings, state: TeacherState): Teacher {
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

export const autoencoder: TeacherMaker<typeof AutoencoderSettings> = {
  kind: 'autoencoder',
  settings: AutoencoderSettings,
  plan: planAutoencoder,
  continues: true,
  train: trainAutoencoder,
  restore: restoreAutoencoder,
};
