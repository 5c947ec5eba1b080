import { hideRandomly, scaleRows, stepsPerEpoch, userBatches } from '../dataset/batches.ts';
import { type Csr, selectRows } from '../dataset/matrix.ts';
import type { Engine, Tensor } from '../tensor/engine.ts';
import { fit } from '../tensor/fit.ts';
import { createParameters, type NamedTensors } from '../tensor/parameters.ts';
import { readAndDispose } from '../tensor/read.ts';
import type { SparseBatch } from '../tensor/sparse.ts';
import type { ItemFactors, Teacher, TeacherState, TrainingContext } from './contract.ts';
import { createFrozen, type Frozen } from './frozen.ts';
import { glorot } from './initial.ts';
import { projectFactors } from './project-factors.ts';
import { besides, trainedState } from './trained-state.ts';

export interface SoftmaxSettings {
  kind: 'softmax';
  /** Widths of the hidden layers, at least one. */
  hidden: number[];
  epochs: number;
  batchSize: number;
  learningRate: number;
  /** Share of the history hidden at each step; the loss still asks for all of it. */
  dropout: number;
  /** Decoupled (AdamW). */
  weightDecay: number;
}

/**
 * The article's network: weighed multi-hot history, scaled to length 1 -> Dense relu ... -> softmax over all items,
 * trained by cross-entropy on the user's own items. With hidden input this is a denoising autoencoder with the
 * multinomial likelihood (Liang et al., WWW 2018, section 2).
 */
export async function trainSoftmaxTeacher(
  settings: SoftmaxSettings,
  context: TrainingContext,
): Promise<Teacher> {
  const { engine, rng, train } = context;
  const items = train.columns;
  const widths = settings.hidden;
  const steps = stepsPerEpoch(train, settings.batchSize);
  const parameters = createParameters(engine, startValues(items, widths, context), {
    kind: 'adamw',
    learningRate: settings.learningRate,
    weightDecay: settings.weightDecay,
    schedule: { kind: 'cosine', totalSteps: steps * settings.epochs, finalFraction: 0.05 },
  });
  const scores = (histories: Csr) => scoresOf(engine, parameters, widths.length, histories);

  const draws = rng.fork('teacher-batches');
  const training = fit({
    parameters,
    epochs: settings.epochs,
    stepsPerEpoch: steps,
    *batches() {
      for (const users of userBatches(train, settings.batchSize, draws)) {
        const rows = selectRows(train, users);
        const x = engine.sparseRows(scaleRows(hideRandomly(rows, settings.dropout, draws), 'l2'));
        yield { x, labels: engine.sparseRows(scaleRows(rows, 'l1')) };
      }
    },
    loss(p, { x, labels }) {
      const h = hiddenLayers(engine, p, widths.length, x).at(-1)!;
      const crossEntropy = engine.softmaxHeadLoss({ h, e: p.out!, c: p.c!, labels });
      return { total: crossEntropy, parts: { crossEntropy } };
    },
    release({ x, labels }) {
      x.dispose();
      labels.dispose();
    },
    rng: draws,
    ...besides(context, { kind: 'softmax', settings, parameters }, scores),
  });
  return restoreSoftmaxTeacher(engine, await trainedState('softmax', settings, parameters, training));
}

export function restoreSoftmaxTeacher(engine: Engine, state: TeacherState): Teacher {
  const widths = (state.settings as unknown as SoftmaxSettings).hidden;
  const frozen = createFrozen(engine, state.tensors);
  const itemFactors = (sample: Csr) => linearised(engine, frozen, widths, sample);
  return {
    kind: 'softmax',
    description: `softmax ${widths.join('-')}`,
    parameters: frozen.count,
    bytes: frozen.count * Float32Array.BYTES_PER_ELEMENT,
    epochs: state.epochs,
    settings: state.settings,
    scores: (histories) => scoresOf(engine, frozen, widths.length, histories),
    itemFactors,
    project: (directions, width, sample) => projectFactors(engine, itemFactors(sample), directions, width),
    hidden(histories) {
      const x = engine.sparseRows(scaleRows(histories, 'l2'));
      const last = frozen.evaluate((p) => hiddenLayers(engine, p, widths.length, x).at(-1)!);
      x.dispose();
      return last;
    },
    state: () => ({ ...state, tensors: frozen.tensors() }),
    dispose: () => frozen.dispose(),
  };
}

function scoresOf(engine: Engine, weights: Pick<Frozen, 'evaluate'>, depth: number, histories: Csr): Tensor {
  const x = engine.sparseRows(scaleRows(histories, 'l2'));
  try {
    return weights.evaluate((p) => forward(engine, p, depth, x));
  } finally {
    x.dispose();
  }
}

function startValues(items: number, widths: number[], { rng }: TrainingContext) {
  const start = rng.fork('teacher-weights');
  const values: Record<string, { shape: number[]; values: Float32Array }> = {};
  let width = items;
  for (const [i, next] of widths.entries()) {
    values[`w${i}`] = { shape: [width, next], values: glorot(width, next, start) };
    values[`b${i}`] = { shape: [next], values: new Float32Array(next) };
    width = next;
  }
  values.out = { shape: [items, width], values: glorot(items, width, start) };
  values.c = { shape: [items], values: new Float32Array(items) };
  return values;
}

/** x [B,N] -> hidden layers -> logits [B,N] */
function forward(engine: Engine, p: NamedTensors, depth: number, x: SparseBatch): Tensor {
  const activations = hiddenLayers(engine, p, depth, x);
  return engine.linearScores(activations.at(-1)!, p.out!, p.c!);
}

/** Each hidden layer's activations, [B, width]. */
function hiddenLayers(engine: Engine, p: NamedTensors, depth: number, x: SparseBatch): Tensor[] {
  const { tf } = engine;
  const layers = [tf.relu(tf.add(engine.sparseMatMul(x, p.w0!), p.b0!))];
  for (let i = 1; i < depth; i++)
    layers.push(tf.relu(tf.add(tf.matMul(layers[i - 1]!, p[`w${i}`]!), p[`b${i}`]!)));
  return layers;
}

/** Folds the layers into two item matrices; each relu becomes the share of the sample in which its unit is active. */
function linearised(engine: Engine, weights: Frozen, widths: number[], sample: Csr): ItemFactors {
  const { tf } = engine;
  const x = engine.sparseRows(scaleRows(sample, 'l2'));
  const input = weights.evaluate((p) => {
    const gates = hiddenLayers(engine, p, widths.length, x).map((h) =>
      tf.mean(tf.cast(tf.greater(h, 0), 'float32'), 0),
    );
    let folded = tf.mul(p.w0!, gates[0]!);
    for (let i = 1; i < widths.length; i++) {
      folded = tf.mul(tf.matMul(folded as never, p[`w${i}`]! as never), gates[i]!);
    }
    return folded;
  });
  x.dispose();
  return { input: readAndDispose(input), output: weights.read('out'), width: widths.at(-1)! };
}
