import { type BackendOptions, loadBackend } from './backend/backend.ts';
import type { BackendReport, Context, Scalar, Tensor } from './backend/context.ts';
import { selfTest } from './backend/self-test.ts';
import { gatherRows, linearScores } from './linalg/dense.ts';
import { cholesky, inverse, solve, topK } from './linalg/linalg.ts';
import { type LinearOperator, type SvdOptions, truncatedSvd } from './linalg/truncated-svd.ts';
import {
  type ChunkOptions,
  type SampledHead,
  type SoftmaxHead,
  sampledSoftmaxLoss,
  scoresFit,
  softmaxHeadLoss,
} from './loss/chunked-softmax.ts';
import { hideEntries } from './loss/hide-entries.ts';
import {
  type CrossEntropyOptions,
  type KlOptions,
  sigmoidCrossEntropy,
  softKl,
  softmaxCrossEntropy,
} from './loss/losses.ts';
import { ridgeRows } from './ridge/ridge-rows.ts';
import { type SparseBatch, sparseRows } from './sparse/batch.ts';
import { sparseMatMul, sparseMatMulTransposed, toDense } from './sparse/products.ts';
import type { SparseRows } from './sparse/rows.ts';

export type { BackendName, BackendReport, Scalar, Tensor } from './backend/context.ts';

export interface EngineOptions extends BackendOptions {
  /** Budget for the largest temporary buffers, used by the chunked losses; default 512. */
  memoryMiB?: number;
}

/**
 * Everything numeric. Item matrices are always [items, width], one row per item, on the input and the output side.
 * Every op checks its shapes and throws 'invalid-training-input'; each function's own page says the rest.
 */
export interface Engine extends Context {
  sparseRows(rows: SparseRows): SparseBatch;
  sparseMatMul(x: SparseBatch, w: Tensor): Tensor;
  sparseMatMulTransposed(x: SparseBatch, y: Tensor): Tensor;
  toDense(x: SparseBatch): Tensor;
  linearScores(h: Tensor, e: Tensor, c?: Tensor): Tensor;
  gatherRows(table: Tensor, ids: Int32Array): Tensor;
  hideEntries(scores: Tensor, entries: SparseBatch): Tensor;
  softmaxCrossEntropy(logits: Tensor, labels: Tensor | SparseBatch, options?: CrossEntropyOptions): Scalar;
  softKl(logits: Tensor, teacher: Tensor, options: KlOptions): Scalar;
  sigmoidCrossEntropy(logits: Tensor, labels: Tensor | SparseBatch): Scalar;
  softmaxHeadLoss(head: SoftmaxHead, options?: ChunkOptions): Scalar;
  scoresFit(batch: number, items: number): boolean;
  sampledSoftmaxLoss(head: SampledHead): Scalar;
  topK(scores: Tensor, k: number): { values: Tensor; indices: Tensor };
  cholesky(a: Tensor): Tensor;
  solve(a: Tensor, b: Tensor): Tensor;
  inverse(a: Tensor): Tensor;
  ridgeRows(x: SparseBatch, y: Tensor, gram: Tensor, perPair: Tensor): Tensor;
  truncatedSvd(
    matrix: Tensor | LinearOperator,
    rank: number,
    options: SvdOptions,
  ): { u: Tensor; s: Float32Array; v: Tensor };
  /** Live tensors: the library's own handles on native and gpu, tfjs's count elsewhere. Constant from step to step. */
  numTensors(): number;
}

/**
 * Loads a backend and proves it with a self-test. tfjs keeps one backend per process: make one engine per process.
 *
 * @throws backend-unavailable: a named backend cannot be had, with the reason (driver, library and device list for gpu)
 */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  const { tf, name, native, threads, reason, device } = await loadBackend(options);
  const report: BackendReport = {
    name,
    requested: options.backend ?? 'auto',
    reason,
    tensorflow: native?.version,
    device,
    threads,
    selfTestMs: selfTest(tf, name),
    deterministic: name !== 'gpu',
  };
  return bindOps({
    tf,
    report,
    native,
    memoryMiB: options.memoryMiB ?? 512,
    tracked: new Map(),
    heads: new WeakMap(),
    tops: new WeakMap(),
  });
}

function bindOps(context: Context): Engine {
  return {
    ...context,
    sparseRows: (rows) => sparseRows(context, rows),
    sparseMatMul: (x, w) => sparseMatMul(context, x, w),
    sparseMatMulTransposed: (x, y) => sparseMatMulTransposed(context, x, y),
    toDense: (x) => toDense(context, x),
    linearScores: (h, e, c) => linearScores(context, h, e, c),
    gatherRows: (table, ids) => gatherRows(context, table, ids),
    hideEntries: (scores, entries) => hideEntries(context, scores, entries),
    softmaxCrossEntropy: (logits, labels, settings) => softmaxCrossEntropy(context, logits, labels, settings),
    softKl: (logits, teacher, settings) => softKl(context, logits, teacher, settings),
    sigmoidCrossEntropy: (logits, labels) => sigmoidCrossEntropy(context, logits, labels),
    scoresFit: (batch, items) => scoresFit(context, batch, items),
    softmaxHeadLoss: (head, settings) => softmaxHeadLoss(context, head, settings),
    sampledSoftmaxLoss: (head) => sampledSoftmaxLoss(context, head),
    topK: (scores, k) => topK(context, scores, k),
    cholesky: (a) => cholesky(context, a),
    solve: (a, b) => solve(context, a, b),
    inverse: (a) => inverse(context, a),
    ridgeRows: (x, y, gram, perPair) => ridgeRows(context, x, y, gram, perPair),
    truncatedSvd: (matrix, rank, settings) => truncatedSvd(context, matrix, rank, settings),
    numTensors: () => context.native?.handles() ?? context.tf.memory().numTensors,
  };
}
