import type { Engine, Tensor } from '../../tensor/engine.ts';
import { type SymmetricBlocks, unfoldBlocks } from '../../tensor/linalg/block-inverse.ts';
import { readAndDispose } from '../../tensor/read.ts';
import type { TeacherState } from '../contract.ts';
import type { EaseForm } from './ease-form.ts';
import { BAND_ROWS, createItemMatrix, type ItemMatrix, itemMatrixOf } from './item-matrix.ts';

/**
 * Turns the inverse into the weights row by row of its blocks, so that beside one matrix there are never more than the rows at work
 * and one band.
 * @param inverse P [items, items]; the height of its blocks divides BAND_ROWS. Released here
 */
export function createPrimal(engine: Engine, inverse: SymmetricBlocks): EaseForm {
  const { tf } = engine;
  const diagonal = tf.tidy(() => tf.concat(inverse.map((row, i) => diagonalOf(engine, row[i]!))));
  const rows = unfoldBlocks(engine, inverse, (p, first) => {
    const weights = tf.tidy(() => tf.div(tf.neg(p), diagonal));
    p.dispose();
    return withoutDiagonal(engine, weights, first);
  });
  diagonal.dispose();
  return bandedForm(engine, rows);
}

/** @param rows [height, items] each, the weights from the first row to the last; owned from here on */
export function bandedForm(engine: Engine, rows: Tensor[]): EaseForm {
  return primalForm(engine, createItemMatrix(engine, inBands(engine, rows)));
}

export function restorePrimal(
  engine: Engine,
  { weights }: TeacherState['tensors'],
): EaseForm & { items: number } {
  const items = weights!.shape[0]!;
  return { ...primalForm(engine, itemMatrixOf(engine, weights!.values, items)), items };
}

function diagonalOf({ tf }: Engine, block: Tensor): Tensor {
  return tf.tidy(() => tf.sum(tf.mul(block, tf.eye(block.shape[0]!)), 0));
}

/** I - P / p has the diagonal 0 by definition, and not only up to rounding. The rows are released. */
function withoutDiagonal({ tf }: Engine, rows: Tensor, first: number): Tensor {
  const [height, items] = rows.shape as [number, number];
  const result = tf.tidy(() => {
    const own = tf.mul(tf.slice(rows, [0, first], [height, height]), tf.sub(1, tf.eye(height)));
    const last = first + height;
    return tf.concat(
      [tf.slice(rows, [0, 0], [height, first]), own, tf.slice(rows, [0, last], [height, items - last])],
      1,
    );
  });
  rows.dispose();
  return result;
}

/** Joins neighbouring rows into bands, each of which is released when it is joined. */
function inBands({ tf }: Engine, rows: Tensor[]): Tensor[] {
  const perBand = Math.max(1, Math.floor(BAND_ROWS / rows[0]!.shape[0]!));
  const bands: Tensor[] = [];
  for (let at = 0; at < rows.length; at += perBand) {
    const parts = rows.slice(at, at + perBand);
    bands.push(parts.length === 1 ? parts[0]! : tf.concat(parts, 0));
    if (parts.length > 1) tf.dispose(parts);
  }
  return bands;
}

function primalForm(engine: Engine, weights: ItemMatrix): EaseForm {
  const { tf } = engine;
  return {
    scores: weights.scores,
    project: (directions, width) =>
      readAndDispose(
        tf.tidy(() => weights.times(tf.tensor2d(directions, [directions.length / width, width]))),
      ),
    tensors() {
      const values = weights.values();
      const items = Math.sqrt(values.length);
      return { weights: { shape: [items, items], values } };
    },
    dispose: weights.dispose,
  };
}
