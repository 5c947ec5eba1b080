import { hideRandomly, hideWholly, scaleRows, stepsPerEpoch, userBatches } from '../../dataset/batches.ts';
import { type Csr, columnSums, selectRows } from '../../dataset/matrix.ts';
import { composeRows } from '../../features/compose.ts';
import type { Bags } from '../../features/encoding.ts';
import type { Engine, Tensor } from '../../tensor/engine.ts';
import { createItemFeatures, type ItemFeatures } from '../../tensor/item-features.ts';
import { readAndDispose } from '../../tensor/read.ts';
import type { SparseBatch } from '../../tensor/sparse.ts';
import { fit } from '../../tensor/train/fit.ts';
import { createParameters, type NamedTensors } from '../../tensor/train/parameters.ts';
import type { ItemFactors, Teacher, TeacherState, TrainingContext } from '../contract.ts';
import { createFrozen, type Frozen } from '../stored/frozen.ts';
import { projectFactors } from '../stored/project-factors.ts';
import { besides, trainedState } from '../stored/trained-state.ts';
import { glorot } from './initial.ts';

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

/** The same network with a probability for each item by itself. */
export interface MultilabelSettings extends Omit<SoftmaxSettings, 'kind'> {
  kind: 'multilabel';
}

/**
 * The article's network: weighed multi-hot history, scaled to length 1 -> Dense relu ... -> softmax over all items,
 * trained by cross-entropy on the user's own items. With hidden input this is a denoising autoencoder with the
 * multinomial likelihood (Liang et al., WWW 2018, section 2). What is said of a user adds to the first layer, what is said of an
 * item to its rows on both sides. Of kind multilabel each item is a label: sigmoids in place of the softmax, binary cross-entropy
 * (the logistic likelihood there).
 */
export async function trainSoftmaxTeacher(
  settings: SoftmaxSettings | MultilabelSettings,
  context: TrainingContext,
): Promise<Teacher> {
  const { engine, rng, train, features = {} } = context;
  const items = train.columns;
  const widths = settings.hidden;
  const isMultilabel = settings.kind === 'multilabel';
  const described =
    features.items &&
    createItemFeatures(engine, features.items, { w0: widths[0]!, out: widths.at(-1)!, c: 1 });
  const steps = stepsPerEpoch(train, settings.batchSize);
  const start = {
    ...startValues(items, settings, context),
    ...described?.initial(),
    ...(features.users && userTable(features.users.encoding.known.length, widths[0]!)),
  };
  const parameters = createParameters(engine, start, {
    kind: 'adamw',
    learningRate: settings.learningRate,
    weightDecay: settings.weightDecay,
    schedule: { kind: 'cosine', totalSteps: steps * settings.epochs, finalFraction: 0.05 },
  });
  const scores = (histories: Csr) => scoresOf(engine, parameters, widths.length, histories, described);

  const draws = rng.fork('teacher-batches');
  const training = fit({
    parameters,
    epochs: settings.epochs,
    stepsPerEpoch: steps,
    *batches() {
      for (const users of userBatches(train, settings.batchSize, draws)) {
        const rows = selectRows(train, users);
        const seen = hideWholly(
          hideRandomly(rows, settings.dropout, draws),
          features.users?.hide ?? 0,
          draws,
        );
        const labels = engine.sparseRows(isMultilabel ? takenOf(rows) : scaleRows(rows, 'l1'));
        yield { x: inputOf(engine, seen), labels, keep: described?.draw(draws) };
      }
    },
    loss(given, { x, labels, keep }) {
      const p = described ? withFeatures(given, described, keep) : given;
      const h = hiddenLayers(engine, p, widths.length, x).at(-1)!;
      const crossEntropy = isMultilabel
        ? engine.sigmoidCrossEntropy(engine.linearScores(h, p.out!, p.c!), labels)
        : engine.softmaxHeadLoss({ h, e: p.out!, c: p.c!, labels });
      return { total: crossEntropy, parts: { crossEntropy } };
    },
    release({ x, labels, keep }) {
      x.dispose();
      labels.dispose();
      keep?.dispose();
    },
    rng: draws,
    ...besides(context, { kind: settings.kind, settings, parameters }, scores),
  });
  try {
    const state = await trainedState(settings.kind, settings, parameters, training);
    return restoreSoftmaxTeacher(engine, described ? contained(state, described) : state);
  } finally {
    described?.dispose();
  }
}

/** Rows of zeros for what is said of users. */
function userTable(columns: number, width: number) {
  return { [USERS]: { shape: [columns, width], values: new Float32Array(columns * width) } };
}

const USERS = 'features.users';
const ITEM_MATRICES = ['w0', 'out', 'c'] as const;

/** The matrices of the items with what features add to them. */
function withFeatures(p: NamedTensors, described: ItemFeatures, keep?: Tensor): NamedTensors {
  return { ...p, ...Object.fromEntries(ITEM_MATRICES.map((name) => [name, described.rows(p, name, keep)])) };
}

/** The trained network with the features contained in its items' rows; their tables stay, for new items. */
function contained(state: TeacherState, described: ItemFeatures): TeacherState {
  const read = (name: string) => state.tensors[name]!.values;
  const composed = ITEM_MATRICES.map((name) => [
    name,
    { shape: state.tensors[name]!.shape, values: described.composed(read, name) },
  ]);
  return { ...state, tensors: { ...state.tensors, ...Object.fromEntries(composed) } };
}

/** The network with rows for more items, made of what is said of them. */
function extended({ tensors, ...state }: TeacherState, bags: Bags): TeacherState {
  const longer = ITEM_MATRICES.map((name) => {
    const { shape, values } = tensors[name]!;
    const table = tensors[`features.${name}`]!;
    const added = composeRows({ width: table.shape[1]!, values: table.values }, bags);
    const all = new Float32Array(values.length + added.length);
    all.set(values);
    all.set(added, values.length);
    return [name, { shape: [shape[0]! + bags.rows, ...shape.slice(1)], values: all }];
  });
  return { ...state, tensors: { ...tensors, ...Object.fromEntries(longer) } };
}

export function restoreSoftmaxTeacher(engine: Engine, state: TeacherState): Teacher {
  const widths = (state.settings as unknown as SoftmaxSettings).hidden;
  const frozen = createFrozen(engine, state.tensors);
  const itemFactors = (sample: Csr) => linearised(engine, frozen, widths, sample);
  const reads = { items: 'features.out' in state.tensors, users: USERS in state.tensors };
  const whole = (): TeacherState => ({ ...state, tensors: frozen.tensors() });
  return {
    kind: state.kind,
    description: `${state.kind} ${widths.join('-')}`,
    ...((reads.items || reads.users) && { reads }),
    ...(reads.items && { withItems: (bags) => restoreSoftmaxTeacher(engine, extended(whole(), bags)) }),
    parameters: frozen.count,
    bytes: frozen.count * Float32Array.BYTES_PER_ELEMENT,
    epochs: state.epochs,
    settings: state.settings,
    scores: (histories) => scoresOf(engine, frozen, widths.length, histories),
    itemFactors,
    project: (directions, width, sample) => projectFactors(engine, itemFactors(sample), directions, width),
    hidden(histories) {
      const x = inputOf(engine, histories);
      const last = frozen.evaluate((p) => hiddenLayers(engine, p, widths.length, x).at(-1)!);
      x.dispose();
      return last;
    },
    state: whole,
    dispose: () => frozen.dispose(),
  };
}

interface Input {
  histories: SparseBatch;
  users?: SparseBatch;
  dispose(): void;
}

function inputOf(engine: Engine, rows: Csr): Input {
  const histories = engine.sparseRows(scaleRows(rows, 'l2'));
  const users = rows.side && engine.sparseRows(rows.side);
  return {
    histories,
    ...(users && { users }),
    dispose() {
      histories.dispose();
      users?.dispose();
    },
  };
}

function scoresOf(
  engine: Engine,
  weights: Pick<Frozen, 'evaluate'>,
  depth: number,
  histories: Csr,
  described?: ItemFeatures,
): Tensor {
  const x = inputOf(engine, histories);
  try {
    return weights.evaluate((p) => forward(engine, described ? withFeatures(p, described) : p, depth, x));
  } finally {
    x.dispose();
  }
}

/** [rows, items] 1 where something was taken. */
function takenOf(rows: Csr): Csr {
  return { ...rows, values: new Float32Array(rows.values.length).fill(1) };
}

function startValues(
  items: number,
  { kind, hidden: widths }: SoftmaxSettings | MultilabelSettings,
  { rng, train }: TrainingContext,
) {
  const start = rng.fork('teacher-weights');
  const values: Record<string, { shape: number[]; values: Float32Array }> = {};
  let width = items;
  for (const [i, next] of widths.entries()) {
    values[`w${i}`] = { shape: [width, next], values: glorot(width, next, start) };
    values[`b${i}`] = { shape: [next], values: new Float32Array(next) };
    width = next;
  }
  values.out = { shape: [items, width], values: glorot(items, width, start) };
  values.c = { shape: [items], values: kind === 'multilabel' ? logOdds(train) : new Float32Array(items) };
  return values;
}

/** [items] of being taken by anybody, so that the network need not learn first how rare everything is. */
function logOdds(train: Csr): Float32Array {
  const takers = columnSums(takenOf(train));
  return takers.map((count) => Math.log((count + 1) / (train.rows - count + 1)));
}

/** x [B,N] -> hidden layers -> logits [B,N] */
function forward(engine: Engine, p: NamedTensors, depth: number, x: Input): Tensor {
  const activations = hiddenLayers(engine, p, depth, x);
  return engine.linearScores(activations.at(-1)!, p.out!, p.c!);
}

/** Each hidden layer's activations, [B, width]. */
function hiddenLayers(engine: Engine, p: NamedTensors, depth: number, x: Input): Tensor[] {
  const { tf } = engine;
  const history = engine.sparseMatMul(x.histories, p.w0!);
  const table = p[USERS];
  const first = x.users && table ? tf.add(history, engine.sparseMatMul(x.users, table)) : history;
  const layers = [tf.relu(tf.add(first, p.b0!))];
  for (let i = 1; i < depth; i++)
    layers.push(tf.relu(tf.add(tf.matMul(layers[i - 1]!, p[`w${i}`]!), p[`b${i}`]!)));
  return layers;
}

/** Folds the layers into two item matrices; each relu becomes the share of the sample in which its unit is active. */
function linearised(engine: Engine, weights: Frozen, widths: number[], sample: Csr): ItemFactors {
  const { tf } = engine;
  const x = inputOf(engine, sample);
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
