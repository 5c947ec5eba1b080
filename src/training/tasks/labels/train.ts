import type { Rng } from '../../../core/rng.ts';
import { hideRandomly } from '../../../dataset/batches.ts';
import { type Csr, selectRows } from '../../../dataset/matrix.ts';
import { bernoulliKl, softened } from '../../../distillation/losses/bernoulli.ts';
import type { WarmStart } from '../../../teacher/contract.ts';
import { trainedState } from '../../../teacher/stored/trained-state.ts';

import type { Engine, Scalar, Tensor } from '../../../tensor/engine.ts';
import type { SparseBatch } from '../../../tensor/sparse/batch.ts';
import { fit } from '../../../tensor/train/fit.ts';
import type { Loss, NamedTensors } from '../../../tensor/train/parameters.ts';
import { refuseBeyond } from '../../controls/refuse-absurd.ts';
import type { Fit } from '../../run/run.ts';
import { settingsAgain } from '../../run/start-again.ts';
import {
  answersOf,
  LABEL_NETWORK,
  type LabelNetwork,
  labelLogits,
  restoreNetwork,
  startNetwork,
} from './network.ts';
import type { LabelFit } from './plan.ts';

/** The entities that a network learns from. */
export interface LabelExamples {
  /** [entities, inputs] */
  inputs: Csr;
  /** [entities, labels] */
  known: Csr;
  /** Entities whose labels it may see. */
  labelled: Int32Array;
  /** Entities of whose labels nothing is known: the teacher's word is all that there is. */
  unlabelled: Int32Array;
}

export interface LabelTraining extends Fit {
  /** Weights of the same network before, which goes on from there. */
  start?: WarmStart | undefined;
  /** Higher is better, of [rows, labels] logits for inputs. */
  validation?: { metric(answers: Answers): number; patience: number } | undefined;
  /** Takes that metric after every epoch for the report; nothing is decided by it. */
  measure?: ((answers: Answers) => number) | undefined;
}

/** Logits [rows, labels] row-major for inputs. */
export type Answers = (inputs: Csr) => Float32Array;

/**
 * Trains a network on the labels that are known, and on what a teacher says of them and of entities without.
 * @param teacher null for a network that has none
 */
export async function trainLabels(
  settings: LabelFit,
  examples: LabelExamples,
  teacher: Answers | null,
  { engine, rng, signal, onProgress, resume, validation, measure, start }: LabelTraining,
): Promise<LabelNetwork> {
  const how = start ? settingsAgain(settings) : settings;
  const { inputs, known, labelled, unlabelled } = examples;
  const labels = known.columns;
  const rows = teacher ? Int32Array.from([...labelled, ...unlabelled]) : labelled;
  const steps = Math.ceil(rows.length / how.batchSize);
  const parameters = startNetwork(
    engine,
    { inputs: inputs.columns, width: how.width, labels },
    labelShares(known, labelled),
    {
      kind: 'adamw',
      learningRate: how.learningRate,
      weightDecay: how.weightDecay,
      schedule: { kind: 'cosine', totalSteps: Math.max(1, how.epochs * steps), finalFraction: 0.02 },
    },
    rng.fork('start'),
    start?.weights,
  );
  const draws = rng.fork('batches');
  const answers: Answers = (asked) => answersOf(engine, parameters, asked, labels);
  const training = fit({
    parameters,
    epochs: how.epochs,
    stepsPerEpoch: steps,
    batches: (epoch) => labelBatches(how, examples, rows, teacher, { engine, draws, epoch }),
    loss: (p, batch) => labelLoss(engine, how, p, batch),
    release({ x, hard, soft, gates }) {
      x.dispose();
      soft?.dispose();
      hard?.dispose();
      gates?.dispose();
    },
    ...(measure && { measure: () => measure(answers) }),
    ...(validation && {
      validation: {
        metric: () => validation.metric(answers),
        patience: validation.patience,
      },
    }),
    rng: draws,
    signal,
    onProgress,
    ...resume,
  });
  const model = { kind: LABEL_NETWORK, settings, parameters };
  const network = restoreNetwork(engine, await trainedState(model, training, start));
  try {
    refuseBeyond(network.answers(selectRows(inputs, labelled.subarray(0, PROBED))));
  } catch (error) {
    network.dispose();
    throw error;
  }
  return network;
}

/** Entities whose answers are looked at before a network is published. */
const PROBED = 256;

interface LabelBatch {
  x: SparseBatch;
  /** The teacher's soft labels of each row, [rows, labels]. */
  soft: Tensor | null;
  /** Known labels of the first rows. */
  hard: SparseBatch | null;
  gates: Tensor | undefined;
  rounded: boolean;
}

function* labelBatches(
  how: LabelFit,
  { inputs, known, labelled }: LabelExamples,
  rows: Int32Array,
  teacher: Answers | null,
  { engine, draws, epoch }: { engine: Engine; draws: Rng; epoch: number },
): Generator<LabelBatch> {
  const { tf } = engine;
  const isLabelled = new Uint8Array(inputs.rows);
  for (const row of labelled) isLabelled[row] = 1;
  const order = draws.shuffle(rows.slice());
  for (let from = 0; from < order.length; from += how.batchSize) {
    // Those with labels first: the hard loss is over them alone.
    const batch = order.slice(from, from + how.batchSize).sort((a, b) => isLabelled[b]! - isLabelled[a]!);
    const own = selectRows(inputs, batch);
    const withLabels = batch.filter((row) => isLabelled[row] === 1);
    yield {
      x: engine.sparseRows(hideRandomly(own, how.dropout, draws)),
      soft: teacher && tf.tensor2d(softened(teacher(own), how.temperature), [batch.length, known.columns]),
      hard:
        how.hardLabels > 0 && withLabels.length > 0 ? engine.sparseRows(selectRows(known, withLabels)) : null,
      gates: how.unitDropout > 0 ? drawGates(engine, how, batch.length, draws) : undefined,
      rounded: epoch > how.epochs - how.roundedEpochs,
    };
  }
}

function drawGates({ tf }: Engine, { width, unitDropout }: LabelFit, batch: number, draws: Rng): Tensor {
  const kept = 1 / (1 - unitDropout);
  const gates = Float32Array.from({ length: batch * width }, () => (draws.next() < unitDropout ? 0 : kept));
  return tf.tensor2d(gates, [batch, width]);
}

function labelLoss(
  engine: Engine,
  how: LabelFit,
  p: NamedTensors,
  { x, soft, hard, gates, rounded }: LabelBatch,
): Loss {
  const { tf } = engine;
  const logits = labelLogits(engine, p, x, gates, rounded);
  const parts: Record<string, Scalar> = {};
  if (soft) parts.softLabels = bernoulliKl(engine, logits, soft, how.temperature);
  if (hard) {
    const own = hard.rows === x.rows ? logits : tf.slice(logits, [0, 0], [hard.rows, logits.shape[1]!]);
    parts.hardLabels = engine.sigmoidCrossEntropy(own, hard);
  }
  const weighed = Object.entries(parts).map(([name, value]) =>
    tf.mul(value, name === 'softLabels' ? how.softLabels : how.hardLabels),
  );
  // A batch of entities without labels, where only labels count.
  const total = (weighed.length > 0 ? tf.addN(weighed) : tf.mul(tf.sum(logits), 0)) as Scalar;
  return { total, parts };
}

/** [labels] Share of those with labels that has each, so that none is 0 or 1. */
export function labelShares(known: Csr, labelled: Int32Array): Float32Array {
  const counts = new Float32Array(known.columns);
  for (const row of labelled) {
    for (let p = known.indptr[row]!; p < known.indptr[row + 1]!; p++) counts[known.indices[p]!]!++;
  }
  return counts.map((count) => (count + 1) / (labelled.length + 2));
}
