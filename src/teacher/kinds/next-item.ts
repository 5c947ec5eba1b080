import { type Static, Type } from 'typebox';
import { problem } from '../../core/errors.ts';
import type { Rng } from '../../core/rng.ts';
import { hideRandomly, lengthBatches, stepsPerEpoch } from '../../dataset/batches.ts';
import type { DataSize } from '../../dataset/data-size.ts';
import { type Csr, rowLength, selectRows } from '../../dataset/matrix.ts';
import { distinctItems } from '../../dataset/samples.ts';
import { type Sequences, toSequences, usedPlaces } from '../../dataset/sequences.ts';
import type { Engine, Tensor } from '../../tensor/engine.ts';
import { readAndDispose } from '../../tensor/read.ts';
import type { SparseRows } from '../../tensor/sparse.ts';
import { fit } from '../../tensor/train/fit.ts';
import { createParameters, type NamedTensors } from '../../tensor/train/parameters.ts';
import type { ItemFactors, Teacher, TeacherState, TrainingContext } from '../contract.ts';
import { createFrozen, type Frozen } from '../stored/frozen.ts';
import { projectFactors } from '../stored/project-factors.ts';
import { besides, trainedState } from '../stored/trained-state.ts';
import { leadingVectors, normalisedGraph } from './graph.ts';

/** Settings of every teacher that tells the next item. */
export const nextItemSettings = {
  dimensions: Type.Number(),
  /** Only the newest so many items of a history are looked at. */
  maxLength: Type.Number(),
  epochs: Type.Number(),
  batchSize: Type.Number(),
  learningRate: Type.Number(),
  /** Share of the units that are switched off at each step of training. */
  dropout: Type.Number(),
  weightDecay: Type.Number(),
  /** Share of the items of a history that are left out of it at each step of training. */
  itemDropout: Type.Number(),
  /** Items drawn at each step to stand for the catalogue in the softmax; 0 for all of it. */
  samples: Type.Number(),
};
const NextItemSettings = Type.Object(nextItemSettings);
export type NextItemSettings = Static<typeof NextItemSettings>;

/** Of teachers that were stored before there were these settings. */
export const EARLIER_NEXT_ITEM = { itemDropout: 0, samples: 0 };

/** Nine passes over Amazon Beauty. */
const STEPS = 3000;
/**
 * Up to so many items the softmax goes over all of them. On the tuning part of Amazon Beauty (12,101 items) NDCG@10 on validation
 * was .0528 after five epochs and .0475 with 1,024 drawn; an epoch takes 18 s for 10 s.
 */
const SCORED_AT_ONCE = 20_000;
const ITEMS_DRAWN = 1024;

export function planNextItem(
  options: Partial<NextItemSettings>,
  { users, items }: DataSize,
): NextItemSettings {
  const batchSize = options.batchSize ?? 64;
  return {
    dimensions: options.dimensions ?? 96,
    maxLength: options.maxLength ?? 50,
    epochs: options.epochs ?? Math.min(200, Math.max(8, Math.ceil((STEPS * batchSize) / users))),
    batchSize,
    learningRate: options.learningRate ?? 0.003,
    dropout: options.dropout ?? 0.3,
    itemDropout: options.itemDropout ?? 0.3,
    samples: options.samples ?? (items <= SCORED_AT_ONCE ? 0 : ITEMS_DRAWN),
    weightDecay: options.weightDecay ?? 0.1,
  };
}

/** Switches off a share of the units and scales the others up; leaves everything as it is outside training. */
export type Drop = (x: Tensor) => Tensor;

/** What tells one sequential teacher from another: how it reads a sequence. */
export interface SequenceReader {
  kind: 'sasrec' | 'gru';
  description: string;
  /** Whether a state begins near its newest item, so that items are best near those of the same users at first. */
  startsNearby: boolean;
  /** Start values of everything but the items. */
  weights(rng: Rng): TeacherState['tensors'];
  /**
   * What is known after each place, of that place and those before it alone.
   * @param x [rows*length, d] the items' vectors, zeros where nothing is
   * @returns [rows*length, d]
   */
  states(p: NamedTensors, x: Tensor, sequences: Sequences, drop: Drop): Tensor;
}

/** Deviation of the items' start values. */
const SPREAD = 0.1;
/** Of noise beside what the data say of an item, whose deviation is 1. */
const NOISE = 0.2;
/** Of start values that are all random. */
const RANDOM_SPREAD = 0.02;
/** Scores are asked of so many one-item histories at a time. */
const BATCH = 1024;

/**
 * Trains a reader to tell the next item at every place of every history, by a softmax over all items with the items' own
 * vectors as weights: score_j = state . E_j (Kang & McAuley, ICDM 2018, with the full softmax for its sampled sigmoid).
 */
export async function trainNextItem(
  reader: SequenceReader,
  settings: NextItemSettings,
  context: TrainingContext,
): Promise<TeacherState> {
  const { engine, rng } = context;
  // A history of one item has no next one to learn from.
  const train = longEnough(context.train);
  const steps = stepsPerEpoch(train, settings.batchSize);
  const start = rng.fork('teacher-weights');
  const { dimensions: d } = settings;
  const parameters = createParameters(
    engine,
    {
      items: {
        shape: [train.columns, d],
        values: reader.startsNearby
          ? nearbyStart(engine, train, d, start)
          : randomStart(train.columns * d, start),
      },
      ...reader.weights(start),
    },
    {
      kind: 'adamw',
      learningRate: settings.learningRate,
      weightDecay: settings.weightDecay,
      rowUpdates: 'all',
      schedule: { kind: 'cosine', totalSteps: steps * settings.epochs, finalFraction: 0.05 },
    },
  );
  const draws = rng.fork('teacher-batches');
  const drop = dropout(engine, settings.dropout, draws);
  const labelling =
    settings.samples > 0 ? sampled(engine, train.columns, settings.samples, draws) : whole(engine);
  const training = fit({
    parameters,
    epochs: settings.epochs,
    stepsPerEpoch: steps,
    *batches() {
      for (const users of lengthBatches(train, settings.batchSize, draws)) {
        // What is left is a history too, in which one item follows another that came a little earlier.
        const some = hideRandomly(selectRows(train, users), settings.itemDropout, draws, 2);
        const { sequences, targets } = nextItems(some, settings.maxLength);
        yield { sequences, labels: labelling(targets) };
      }
    },
    loss(p, { sequences, labels }) {
      const states = read(engine, reader, p, sequences, drop);
      const h = engine.gatherRows(states, usedPlaces(sequences));
      const crossEntropy = labels.loss(h, p.items!);
      return { total: crossEntropy, parts: { crossEntropy } };
    },
    release: ({ labels }) => labels.dispose(),
    rng: draws,
    ...besides(context, { kind: reader.kind, settings, parameters }, (histories) =>
      scoresOf(engine, reader, parameters, settings, histories),
    ),
  });
  return trainedState(reader.kind, settings, parameters, training);
}

export function restoreNextItem(
  engine: Engine,
  reader: SequenceReader,
  settings: NextItemSettings,
  state: TeacherState,
): Teacher {
  const frozen = createFrozen(engine, state.tensors);
  const itemFactors = () => linearised(engine, reader, frozen, settings);
  const hidden = (histories: Csr) => lastStates(engine, reader, frozen, settings, histories);
  return {
    kind: state.kind,
    description: `${state.kind} ${reader.description}`,
    parameters: frozen.count,
    bytes: frozen.count * Float32Array.BYTES_PER_ELEMENT,
    epochs: state.epochs,
    settings: state.settings,
    scores: (histories) => scoresOf(engine, reader, frozen, settings, histories),
    itemFactors,
    project: (directions, width) => projectFactors(engine, itemFactors(), directions, width),
    hidden,
    state: () => ({ ...state, tensors: frozen.tensors() }),
    dispose: () => frozen.dispose(),
  };
}

const randomStart = (length: number, rng: Rng) =>
  Float32Array.from({ length }, () => RANDOM_SPREAD * rng.normal());

/**
 * Items begin near those that the same users had, all equally long: a state begins near its newest item, and so does its
 * answer. From random numbers the first epochs teach little but what is popular.
 *
 * @returns [items, d]
 */
function nearbyStart(engine: Engine, train: Csr, d: number, rng: Rng): Float32Array {
  const items = train.columns;
  const rank = Math.min(d, items, train.rows);
  const vectors = leadingVectors(engine, normalisedGraph(train).matrix, rank, rng.fork('items'));
  const length = Math.sqrt(vectors.length);
  const values = Float32Array.from({ length: items * d }, () => NOISE * rng.normal());
  for (let i = 0; i < items; i++) {
    const row = values.subarray(i * d, (i + 1) * d);
    for (let k = 0; k < rank; k++) row[k]! += vectors[i * rank + k]! * (length / Math.sqrt(rank));
    const norm = Math.sqrt(row.reduce((sum, x) => sum + x * x, 0) / d);
    for (let k = 0; k < d; k++) row[k]! *= SPREAD / norm;
  }
  return values;
}

/**
 * Each history without its newest item, and at every place the item that came next.
 * @param histories at least two items in each row
 * @returns targets one row per place in use
 */
export function nextItems(histories: Csr, maxLength: number): { sequences: Sequences; targets: SparseRows } {
  const { items, length, lengths, rows } = toSequences(histories, maxLength + 1);
  const shown: Sequences = {
    rows,
    length: length - 1,
    items: new Int32Array(rows * (length - 1)),
    lengths: lengths.map((n) => n - 1),
  };
  const next: number[] = [];
  for (let r = 0; r < rows; r++) {
    const row = items.subarray(r * length, (r + 1) * length);
    shown.items.set(row.subarray(0, length - 1), r * (length - 1));
    next.push(...row.subarray(length - lengths[r]! + 1));
  }
  const targets = {
    indptr: Int32Array.from({ length: next.length + 1 }, (_, i) => i),
    indices: Int32Array.from(next),
    values: new Float32Array(next.length).fill(1),
    columns: histories.columns,
  };
  return { sequences: shown, targets };
}

function longEnough(train: Csr): Csr {
  const all = Int32Array.from({ length: train.rows }, (_, r) => r);
  const rows = all.filter((r) => rowLength(train, r) >= 2);
  if (rows.length > 0) return selectRows(train, rows);
  throw problem(
    'not-enough-data',
    'A sequential teacher needs a user with at least two items to train on, one after the other; there is none',
  );
}

function dropout({ tf }: Engine, share: number, rng: Rng): Drop {
  if (share === 0) return (x) => x;
  const kept = 1 / (1 - share);
  return (x) => {
    const mask = new Float32Array(x.size);
    for (let i = 0; i < mask.length; i++) if (rng.next() >= share) mask[i] = kept;
    return tf.mul(x, tf.tensor(mask, x.shape));
  };
}

/** The softmax of a batch over the catalogue, [places, items]. */
function whole(engine: Engine) {
  return (targets: SparseRows) => {
    const labels = engine.sparseRows(targets);
    return {
      loss: (h: Tensor, e: Tensor) => engine.softmaxHeadLoss({ h, e, labels }),
      dispose: () => labels.dispose(),
    };
  };
}

/** The same over each place's own target and items that all places of the batch share. */
function sampled(engine: Engine, items: number, samples: number, rng: Rng) {
  const count = Math.min(samples, items);
  const logQ = new Float32Array(items).fill(Math.log(count / items));
  return ({ indices }: SparseRows) => {
    const negatives = distinctItems(items, count, rng);
    return {
      loss: (h: Tensor, e: Tensor) =>
        engine.sampledSoftmaxLoss({ h, e, positives: indices as Int32Array, negatives, logQ }),
      dispose: () => {},
    };
  };
}

function read(
  engine: Engine,
  reader: SequenceReader,
  p: NamedTensors,
  sequences: Sequences,
  drop: Drop,
): Tensor {
  const { tf } = engine;
  const { rows, length, items, lengths } = sequences;
  const used = Float32Array.from({ length: rows * length }, (_, at) =>
    Number((at % length) + lengths[Math.floor(at / length)]! >= length),
  );
  const vectors = tf.mul(engine.gatherRows(p.items!, items), tf.tensor2d(used, [rows * length, 1]));
  return reader.states(p, vectors, sequences, drop);
}

/** What is known at the end of each history, [rows, d]; of an empty one nothing, which is zeros. */
function lastStates(
  engine: Engine,
  reader: SequenceReader,
  weights: Pick<Frozen, 'evaluate'>,
  { maxLength }: NextItemSettings,
  histories: Csr,
): Tensor {
  const { tf } = engine;
  const sequences = toSequences(histories, maxLength);
  const { rows, length, lengths } = sequences;
  return weights.evaluate((p) => {
    const states = read(engine, reader, p, sequences, (x) => x);
    const last = engine.gatherRows(
      states,
      Int32Array.from({ length: rows }, (_, r) => (r + 1) * length - 1),
    );
    const known = Float32Array.from(lengths, (n) => Number(n > 0));
    return tf.mul(last, tf.tensor2d(known, [rows, 1]));
  });
}

function scoresOf(
  engine: Engine,
  reader: SequenceReader,
  weights: Pick<Frozen, 'evaluate'>,
  settings: NextItemSettings,
  histories: Csr,
): Tensor {
  const last = lastStates(engine, reader, weights, settings, histories);
  const scores = weights.evaluate((p) => engine.linearScores(last, p.items!));
  last.dispose();
  return scores;
}

/** As if a history's answer were the sum of its items' answers, each as a history of its own, up to an offset. */
function linearised(
  engine: Engine,
  reader: SequenceReader,
  frozen: Frozen,
  settings: NextItemSettings,
): ItemFactors {
  const { dimensions: d } = settings;
  const output = frozen.read('items');
  const items = output.length / d;
  const input = new Float32Array(items * d);
  for (let from = 0; from < items; from += BATCH) {
    const rows = Math.min(BATCH, items - from);
    const single = {
      rows,
      columns: items,
      indptr: Int32Array.from({ length: rows + 1 }, (_, i) => i),
      indices: Int32Array.from({ length: rows }, (_, i) => from + i),
      values: new Float32Array(rows).fill(1),
    };
    input.set(readAndDispose(lastStates(engine, reader, frozen, settings, single)), from * d);
  }
  const mean = new Float64Array(d);
  for (let at = 0; at < input.length; at++) mean[at % d]! += input[at]! / items;
  for (let at = 0; at < input.length; at++) input[at]! -= mean[at % d]!;
  return { input, output, width: d };
}
