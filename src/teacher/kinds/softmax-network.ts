import { scaleRows } from '../../dataset/batches.ts';
import { type Csr, columnSums } from '../../dataset/matrix.ts';
import { composeRows } from '../../features/compose.ts';
import type { Bags } from '../../features/encoding.ts';
import type { Engine, Tensor } from '../../tensor/engine.ts';
import type { ItemFeatures } from '../../tensor/item-features.ts';
import { readAndDispose } from '../../tensor/read.ts';
import type { SparseBatch } from '../../tensor/sparse/batch.ts';
import type { NamedTensors } from '../../tensor/train/parameters.ts';
import type { ItemFactors, TeacherState, TrainingContext } from '../contract.ts';
import type { Frozen } from '../stored/frozen.ts';
import { glorot } from './initial.ts';

/** Rows of zeros for what is said of users. */
export function userTable(columns: number, width: number) {
  return { [USERS]: { shape: [columns, width], values: new Float32Array(columns * width) } };
}

export const USERS = 'features.users';
export const ITEM_MATRICES = ['w0', 'out', 'c'] as const;

/** The matrices of the items with what features add to them. */
export function withFeatures(p: NamedTensors, described: ItemFeatures, keep?: Tensor): NamedTensors {
  return { ...p, ...Object.fromEntries(ITEM_MATRICES.map((name) => [name, described.rows(p, name, keep)])) };
}

/** The trained network with the features contained in its items' rows; their tables stay, for new items. */
export function contained(state: TeacherState, described: ItemFeatures): TeacherState {
  const read = (name: string) => state.tensors[name]!.values;
  const composed = ITEM_MATRICES.map((name) => [
    name,
    { shape: state.tensors[name]!.shape, values: described.composed(read, name) },
  ]);
  return { ...state, tensors: { ...state.tensors, ...Object.fromEntries(composed) } };
}

/** The network with rows for more items, made of what is said of them. */
export function extended({ tensors, ...state }: TeacherState, bags: Bags): TeacherState {
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

interface Input {
  histories: SparseBatch;
  users?: SparseBatch;
  dispose(): void;
}

export function inputOf(engine: Engine, rows: Csr): Input {
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

export function scoresOf(
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
export function takenOf(rows: Csr): Csr {
  return { ...rows, values: new Float32Array(rows.values.length).fill(1) };
}

export function startValues(
  items: number,
  { kind, hidden: widths }: { kind: string; hidden: number[] },
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
export function hiddenLayers(engine: Engine, p: NamedTensors, depth: number, x: Input): Tensor[] {
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
export function linearised(engine: Engine, weights: Frozen, widths: number[], sample: Csr): ItemFactors {
  const { tf } = engine;
  const x = inputOf(engine, sample);
  const input = weights.evaluate((p) => {
    const gates = hiddenLayers(engine, p, widths.length, x).map((h) =>
      tf.mean(tf.cast(tf.greater(h, 0), 'float32'), 0),
    );
    let folded = tf.mul(p.w0!, gates[0]!);
    for (let i = 1; i < widths.length; i++) {
      folded = tf.mul(tf.matMul(folded, p[`w${i}`]!), gates[i]!);
    }
    return folded;
  });
  x.dispose();
  return { input: readAndDispose(input), output: weights.read('out'), width: widths.at(-1)! };
}
