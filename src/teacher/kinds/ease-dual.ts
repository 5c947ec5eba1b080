import { type Csr, transpose } from '../../dataset/matrix.ts';
import type { Engine, Tensor } from '../../tensor/engine.ts';
import { product } from '../../tensor/linalg/product.ts';
import { readAndDispose } from '../../tensor/read.ts';
import type { TeacherState } from '../contract.ts';
import { csrFromTensors, csrTensors } from '../stored/csr-state.ts';
import { createKnownRows } from '../stored/known-rows.ts';
import type { EaseForm } from './ease-form.ts';

export interface DualParts {
  train: Csr;
  lambda: number;
  /** K^-1 [users, users], rows in blocks of equal height but the last. */
  rows: Tensor[];
  /** [items] lambda times the diagonal of P, 1 - x_j' K^-1 x_j. */
  q: Float32Array;
}

/** @param parts.rows are owned from here on */
export function createDual(engine: Engine, parts: Omit<DualParts, 'q'>): EaseForm {
  return dualForm(engine, { ...parts, q: diagonal(parts) });
}

export function restoreDual(
  engine: Engine,
  tensors: TeacherState['tensors'],
  lambda: number,
): EaseForm & { items: number } {
  const train = csrFromTensors(tensors);
  const rows: Tensor[] = [];
  for (let i = 0; tensors[`rows${i}`]; i++) {
    const { shape, values } = tensors[`rows${i}`]!;
    rows.push(engine.tf.tensor(values, shape));
  }
  return { ...dualForm(engine, { train, lambda, rows, q: tensors.q!.values }), items: train.columns };
}

/** 1 - x_j' K^-1 x_j for every item j, from the pairs of its users. */
function diagonal({ train, rows }: Omit<DualParts, 'q'>): Float32Array {
  const users = transpose(train);
  const n = train.rows;
  const sums = new Float64Array(train.columns);
  let from = 0;
  for (const block of rows) {
    const values = block.dataSync() as Float32Array;
    const to = from + block.shape[0]!;
    for (let j = 0; j < train.columns; j++) sums[j]! += pairsOf(users, j, values, from, to, n);
    from = to;
  }
  return Float32Array.from(sums, (sum) => 1 - sum);
}

/** Sum over the item's users u in from..to and all its users v of x_uj x_vj K^-1[u, v]. */
function pairsOf(users: Csr, j: number, block: Float32Array, from: number, to: number, n: number): number {
  const start = users.indptr[j]!;
  const end = users.indptr[j + 1]!;
  let sum = 0;
  for (let p = start; p < end; p++) {
    const u = users.indices[p]!;
    if (u < from || u >= to) continue;
    const row = (u - from) * n;
    let inner = 0;
    for (let q = start; q < end; q++) inner += users.values[q]! * block[row + users.indices[q]!]!;
    sum += users.values[p]! * inner;
  }
  return sum;
}

function dualForm(engine: Engine, parts: DualParts): EaseForm {
  const { tf } = engine;
  const { train, lambda, rows, q } = parts;
  const x = engine.sparseRows(train);
  const known = createKnownRows(train);
  const n = train.rows;
  const height = rows[0]!.shape[0]!;
  const inverseQ = q.map((value) => 1 / value);

  /** h X' K^-1 of a history that is training row u: e_u - lambda K^-1[u], as x_u X' = e_u (K - lambda I). */
  function knownKernel(u: number): Tensor {
    const row = tf.slice(rows[Math.floor(u / height)]!, [u % height, 0], [1, n]);
    const unit = new Float32Array(n);
    unit[u] = 1;
    return tf.sub(tf.tensor2d(unit, [1, n]), tf.mul(row, lambda));
  }

  /** h X' K^-1 of any histories, [rows, users]; K^-1 is symmetric. */
  function kernel(shared: Float32Array): Tensor {
    const left = tf.tensor2d(shared, [shared.length / n, n]);
    return tf.concat(
      rows.map((block) => product(engine, left, block, false, true)),
      1,
    );
  }

  /** [rows, users], row by row: training rows are read, others multiplied. */
  function kernelRows(histories: Csr): Tensor {
    const found = Array.from({ length: histories.rows }, (_, r) => known(histories, r));
    const strangers = found.flatMap((u, r) => (u < 0 ? [r] : []));
    const parts = found.filter((u) => u >= 0).map(knownKernel);
    if (strangers.length > 0) parts.push(kernel(sharedUsers(transposed, histories, strangers)));
    let nextKnown = 0;
    let nextStranger = found.length - strangers.length;
    const order = found.map((u) => (u < 0 ? nextStranger++ : nextKnown++));
    return tf.gather(tf.concat(parts, 0), tf.tensor1d(order, 'int32'));
  }
  const transposed = transpose(train);

  return {
    scores: (histories) =>
      tf.tidy(() => {
        const z = tf.transpose(kernelRows(histories));
        const y = tf.transpose(engine.sparseMatMulTransposed(x, z));
        const own = engine.sparseRows(histories);
        const h = engine.toDense(own);
        own.dispose();
        // h B = h - (h - y) / q
        return tf.sub(h, tf.mul(tf.sub(h, y), tf.tensor1d(inverseQ)));
      }),
    project(directions, width) {
      const projected = tf.tidy(() => {
        const v = tf.tensor2d(directions, [train.columns, width]);
        const scaled = tf.mul(v, tf.tensor2d(inverseQ, [train.columns, 1]));
        const users = engine.sparseMatMul(x, scaled);
        const solved = tf.concat(
          rows.map((block) => product(engine, block, users)),
          0,
        );
        return tf.add(tf.sub(v, scaled), engine.sparseMatMulTransposed(x, solved));
      });
      return readAndDispose(projected);
    },
    tensors: () => ({
      ...csrTensors(train),
      q: { shape: [q.length], values: q },
      ...Object.fromEntries(
        rows.map((row, i) => [`rows${i}`, { shape: [...row.shape], values: row.dataSync() as Float32Array }]),
      ),
    }),
    dispose() {
      x.dispose();
      tf.dispose(rows);
    },
  };
}

/** h X' of the given rows, [rows, users]: how much of each history every training user shares. */
function sharedUsers(users: Csr, histories: Csr, rows: readonly number[]): Float32Array {
  const n = users.columns;
  const shared = new Float32Array(rows.length * n);
  rows.forEach((row, i) => {
    for (let p = histories.indptr[row]!; p < histories.indptr[row + 1]!; p++) {
      const item = histories.indices[p]!;
      for (let q = users.indptr[item]!; q < users.indptr[item + 1]!; q++) {
        shared[i * n + users.indices[q]!]! += histories.values[p]! * users.values[q]!;
      }
    }
  });
  return shared;
}
