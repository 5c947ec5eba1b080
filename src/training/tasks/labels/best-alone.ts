import { quantizeRows } from '../../../artifact/student/quantize.ts';
import type { Rng } from '../../../core/rng.ts';
import { hideRandomly } from '../../../dataset/batches.ts';
import { selectRows } from '../../../dataset/matrix.ts';
import type { Engine, Scalar, Tensor } from '../../../tensor/engine.ts';
import type { SparseBatch } from '../../../tensor/sparse/batch.ts';
import { fit } from '../../../tensor/train/fit.ts';
import type { NamedValues } from '../../../tensor/train/named-values.ts';
import { createParameters, type NamedTensors, type Parameters } from '../../../tensor/train/parameters.ts';
import type { Held } from '../../run/holding.ts';
import { partOf } from '../../run/part-of.ts';
import { answersOf, type LabelLayers } from './network.ts';
import { type Answers, type LabelExamples, type LabelTraining, labelShares } from './train.ts';

/** The best linear model of labels without a teacher, at no more than the student's bytes. */
export interface LinearLabels extends Held {
  description: string;
  /** Logits before rounding, [rows, labels] row-major. */
  answers: Answers;
  /** Layers without anything between them: logits = (x E_in) E_out' + c. */
  weights(): LabelLayers;
  /** All that was tried with its metric on validation, in order; the first alone where there is no validation. */
  tried: { model: string; metric: number | null }[];
}

/** Strengths of the L2 penalty, the usual best first. */
const PENALTIES = [1e-3, 1e-4, 1e-2];
const EPOCHS = 40;
const BATCH = 64;
const RATE = 0.02;
/** Share of the input that is hidden at each step, as the networks' is. */
const DROPOUT = 0.1;

/**
 * Trains one-vs-rest logistic regressions on the labels that the student learns from, one for each strength of the penalty, and
 * keeps the one that validation likes best. Of more labels than the student is wide the weights have the student's rank: they are
 * the product of two matrices (reduced-rank regression: Yee & Hastie, Statistical Modelling 2003).
 * @param width of the student
 * @throws problem('cancelled')
 */
export async function trainLinear(
  width: number,
  examples: LabelExamples,
  context: LabelTraining,
): Promise<LinearLabels> {
  const { validation } = context;
  const penalties = PENALTIES.slice(0, validation ? undefined : 1);
  const tried: LinearLabels['tried'] = [];
  let best: Trained | undefined;
  try {
    for (const [i, penalty] of penalties.entries()) {
      const part = partOf(context, i / penalties.length, (i + 1) / penalties.length);
      const own = await trainOne(width, penalty, examples, part);
      const isBest = !best || own.metric! > best.metric!;
      (isBest ? best : own)?.parameters.dispose();
      if (isBest) best = own;
      tried.push({ model: `logistic regression, L2 ${penalty}, ${own.epochs} epochs`, metric: own.metric });
    }
    return linearOf(best!, tried, examples, context.engine);
  } catch (error) {
    best?.parameters.dispose();
    throw error;
  }
}

interface Trained {
  parameters: Parameters;
  penalty: number;
  epochs: number;
  metric: number | null;
}

async function trainOne(
  width: number,
  penalty: number,
  examples: LabelExamples,
  { engine, rng, signal, onProgress, validation }: LabelTraining,
): Promise<Trained> {
  const { known, labelled } = examples;
  const { tf } = engine;
  const steps = Math.ceil(labelled.length / BATCH);
  const parameters = createParameters(engine, startOf(width, examples, rng.fork('linear-start')), {
    kind: 'adam',
    learningRate: RATE,
    schedule: { kind: 'cosine', totalSteps: Math.max(1, EPOCHS * steps), finalFraction: 0.02 },
  });
  const draws = rng.fork('linear-batches');
  try {
    const result = await fit({
      parameters,
      epochs: EPOCHS,
      stepsPerEpoch: steps,
      batches: () => batchesOf(examples, engine, draws),
      loss(p, { x, hard }) {
        const loss = engine.sigmoidCrossEntropy(linearLogits(engine, p, x), hard);
        const { labelBias: _, ...weights } = p;
        const squares = Object.values(weights).map((matrix) => tf.sum(tf.square(matrix)));
        const total = tf.add(loss, tf.mul(penalty / 2, tf.addN(squares))) as Scalar;
        return { total, parts: { hardLabels: loss } };
      },
      release({ x, hard }) {
        x.dispose();
        hard.dispose();
      },
      ...(validation && {
        validation: {
          metric: () => validation.metric(readerOf(engine, parameters, known.columns)),
          patience: validation.patience,
        },
      }),
      rng: draws,
      signal,
      // Its curve would be one line through several models.
      onProgress: ({ epochEnd: _, ...progress }) => onProgress(progress),
    });
    const { bestMetric = null, bestEpoch = EPOCHS } = result;
    return { parameters, penalty, metric: bestMetric, epochs: bestEpoch };
  } catch (error) {
    parameters.dispose();
    throw error;
  }
}

/** Weights of zero where each label has its own column; two small random matrices where labels share `width` of them. */
function startOf(width: number, { inputs, known, labelled }: LabelExamples, rng: Rng): NamedValues {
  const labels = known.columns;
  const bias = labelShares(known, labelled).map((share) => Math.log(share / (1 - share)));
  const labelBias = { shape: [labels], values: bias };
  const columns = inputs.columns;
  if (labels <= width)
    return { into: { shape: [columns, labels], values: new Float32Array(columns * labels) }, labelBias };
  const normals = (rows: number) => ({
    shape: [rows, width],
    values: Float32Array.from({ length: rows * width }, () => rng.normal() / Math.sqrt(width)),
  });
  const into = { shape: [columns, width], values: normals(columns).values.map((x) => 0.1 * x) };
  return { into, out: normals(labels), labelBias };
}

function linearLogits(engine: Engine, p: NamedTensors, x: SparseBatch): Tensor {
  const hidden = engine.sparseMatMul(x, p.into!);
  return p.out ? engine.linearScores(hidden, p.out, p.labelBias) : engine.tf.add(hidden, p.labelBias!);
}

function* batchesOf(
  { inputs, known, labelled }: LabelExamples,
  engine: Engine,
  draws: Rng,
): Generator<{ x: SparseBatch; hard: SparseBatch }> {
  const order = draws.shuffle(labelled.slice());
  for (let from = 0; from < order.length; from += BATCH) {
    const batch = order.slice(from, from + BATCH);
    yield {
      x: engine.sparseRows(hideRandomly(selectRows(inputs, batch), DROPOUT, draws)),
      hard: engine.sparseRows(selectRows(known, batch)),
    };
  }
}

function readerOf(engine: Engine, parameters: Parameters, labels: number): Answers {
  return (inputs) => answersOf(engine, parameters, inputs, labels, linearLogits);
}

function linearOf(
  { parameters, penalty }: Trained,
  tried: LinearLabels['tried'],
  { inputs, known }: LabelExamples,
  engine: Engine,
): LinearLabels {
  const labels = known.columns;
  const width = parameters.read('into').length / inputs.columns;
  return {
    description: `logistic regression (L2 ${penalty})`,
    tried,
    answers: readerOf(engine, parameters, labels),
    weights: () => ({
      into: quantizeRows(parameters.read('into'), inputs.columns, width, 'int8'),
      bias: new Float32Array(width),
      out: quantizeRows(width === labels ? identity(labels) : parameters.read('out'), labels, width, 'int8'),
      labelBias: parameters.read('labelBias'),
    }),
    dispose: () => parameters.dispose(),
  };
}

function identity(n: number): Float32Array {
  return Float32Array.from({ length: n * n }, (_, at) => Number(at % (n + 1) === 0));
}
