import type { Activation, StudentWeights } from '../artifact/student/student-weights.ts';
import { createRng, type Rng } from '../core/rng.ts';
import type { Csr } from '../dataset/matrix.ts';
import type { Engine, Tensor } from '../tensor/engine.ts';
import { readAndDispose } from '../tensor/read.ts';
import type { SparseBatch } from '../tensor/sparse/batch.ts';
import type { OptimizerSettings } from '../tensor/train/optimizer.ts';
import { createParameters, type NamedTensors, type Parameters } from '../tensor/train/parameters.ts';
import { foldInput } from './fold-input.ts';
import type { NamedInitial, StudentNetwork, StudentOutput } from './network.ts';
import { roundedRows } from './rounding.ts';
import type { StudentSettings } from './settings.ts';
import { createStudentSide, type SideBatch, type StudentSide } from './side-inputs.ts';
import { readSolver, solverParameter, solveUsers } from './solve-users.ts';
import type { FoldInStart } from './start.ts';
import { storeRows } from './store-rows.ts';

/**
 * The student: v = act(b + norm * sum_i w_i E_in[i]), or b and the solution on E_in, u = v or W'v + b2, scores = E_out u + c. Of
 * sequences the weight also falls with each newer item.
 */
export type FoldInStudent = StudentNetwork<FoldInBatch>;

export interface FoldInBatch {
  histories: SparseBatch;
  side: SideBatch;
  dispose(): void;
}

/**
 * @param auxiliary parameters of the losses, trained beside the student's own
 * @param side of students that read features; the caller disposes it
 */
export function createFoldInStudent(
  engine: Engine,
  items: number,
  settings: StudentSettings,
  start: FoldInStart,
  optimizer: OptimizerSettings,
  auxiliary: NamedInitial = {},
  side: StudentSide = createStudentSide(engine, settings, {}),
): FoldInStudent {
  const { tf } = engine;
  const { quantization } = settings;
  const parameters = createParameters(
    engine,
    { ...initialValues(items, settings, start), ...side.initial(start), ...auxiliary },
    optimizer,
  );

  function input(all: Csr, draws?: Rng): FoldInBatch {
    const shown = side.hideHistories(all, draws);
    const histories = engine.sparseRows(foldInput(shown, settings));
    const beside = side.batch(all, draws);
    return {
      histories,
      side: beside,
      dispose() {
        histories.dispose();
        beside.dispose();
      },
    };
  }

  function network(p: NamedTensors, x: FoldInBatch, rounded = false): StudentOutput {
    const asStored = (rows: Tensor) => (rounded ? roundedRows(engine, rows, quantization) : rows);
    const itemsOut = asStored(side.rows(p, 'itemsOut', x.side));
    const itemsIn = settings.tied ? itemsOut : asStored(side.rows(p, 'itemsIn', x.side));
    const fromHistory =
      settings.user === 'solved'
        ? solveUsers(engine, p, x.histories, itemsIn)
        : engine.sparseMatMul(x.histories, itemsIn);
    const sum = side.users(p, fromHistory, x.side);
    const first = activate(engine, settings.activation, tf.add(sum, p.userBias!));
    const user = p.inner ? tf.add(tf.matMul(first, p.inner), p.innerBias!) : first;
    return { user, items: itemsOut, itemBias: p.itemBias && side.rows(p, 'itemBias', x.side) };
  }

  return {
    parameters,
    input,
    network,
    scores(histories) {
      const x = input(histories);
      const logits = parameters.evaluate((p) => {
        const { user, items: rows, itemBias } = network(p, x);
        return engine.linearScores(user, rows, itemBias);
      });
      x.dispose();
      return readAndDispose(logits);
    },
    weights: (popularity) => readWeights(parameters, items, settings, popularity, side),
  };
}

function initialValues(items: number, settings: StudentSettings, start: FoldInStart): NamedInitial {
  const { dimensions: d, hidden, tied, itemBias, user } = settings;
  const h = hidden ?? d;
  return {
    ...(tied ? {} : { itemsIn: { shape: [items, h], values: start.itemsIn } }),
    itemsOut: { shape: [items, d], values: start.itemsOut },
    userBias: { shape: [h], values: start.userBias ?? new Float32Array(h) },
    ...(user === 'solved' && solverParameter(start.solver!)),
    ...(hidden === null
      ? {}
      : {
          inner: { shape: [h, d], values: start.inner! },
          innerBias: { shape: [d], values: start.innerBias ?? new Float32Array(d) },
        }),
    ...(itemBias ? { itemBias: { shape: [items], values: start.itemBias } } : {}),
  };
}

function readWeights(
  parameters: Parameters,
  items: number,
  settings: StudentSettings,
  popularity: Float32Array,
  side: StudentSide,
): StudentWeights {
  const {
    dimensions: d,
    hidden,
    tied,
    itemBias,
    quantization,
    normalization,
    activation,
    recency,
    user,
  } = settings;
  // Codebooks are fitted from the weights alone: the same weights give the same codes, in a refit as anywhere.
  const rng = createRng(0);
  const stored = (name: 'itemsIn' | 'itemsOut', width: number) =>
    storeRows(side.composed(parameters.read, name), items, width, settings, rng.fork(name));
  const features = side.weights(parameters.read);
  const itemsOut = stored('itemsOut', d);
  return {
    itemsOut,
    itemsIn: tied ? itemsOut : stored('itemsIn', hidden ?? d),
    userBias: parameters.read('userBias'),
    inner: hidden === null ? null : { weights: parameters.read('inner'), bias: parameters.read('innerBias') },
    ...(recency !== undefined && { recency }),
    ...(user === 'solved' && { solver: readSolver(parameters.read) }),
    itemBias: itemBias ? side.composed(parameters.read, 'itemBias') : new Float32Array(items),
    ...(features && { features }),
    popularity,
    quantization,
    normalization,
    activation,
  };
}

function activate({ tf }: Engine, activation: Activation, x: Tensor): Tensor {
  if (activation === 'relu') return tf.relu(x);
  if (activation === 'tanh') return tf.tanh(x);
  return x;
}
