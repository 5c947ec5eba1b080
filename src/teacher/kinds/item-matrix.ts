import type { Csr } from '../../dataset/matrix.ts';
import type { Engine, Tensor } from '../../tensor/engine.ts';
import { product } from '../../tensor/linalg/product.ts';

/** Rows of a band but the last: scores add up band by band, so the same height gives the same scores to the last bit. */
export const BAND_ROWS = 4096;

/** A dense matrix M [items, items] in bands of rows, so that no second one is needed to put it together. */
export interface ItemMatrix {
  /** h M, [rows, items] */
  scores(histories: Csr): Tensor;
  /** M V for V [items, width], [items, width] */
  times(directions: Tensor): Tensor;
  /** [items, items], row-major. */
  values(): Float32Array;
  dispose(): void;
}

/** @param bands [height, items] each, the last may be lower; owned from here on */
export function createItemMatrix(engine: Engine, bands: Tensor[]): ItemMatrix {
  const { tf } = engine;
  const [height, items] = bands[0]!.shape as [number, number];
  return {
    scores(histories) {
      let total: Tensor | undefined;
      for (const [b, band] of bands.entries()) {
        const x = engine.sparseRows(columnsOf(histories, b * height, band.shape[0]!));
        const part = engine.sparseMatMul(x, band);
        x.dispose();
        const before: Tensor | undefined = total;
        total = before ? tf.add(before, part) : part;
        if (before) tf.dispose([before, part]);
      }
      return total!;
    },
    times: (directions) =>
      tf.tidy(() =>
        tf.concat(
          bands.map((band) => product(engine, band, directions)),
          0,
        ),
      ),
    values() {
      const all = new Float32Array(items * items);
      for (const [b, band] of bands.entries()) all.set(band.dataSync(), b * height * items);
      return all;
    },
    dispose: () => tf.dispose(bands),
  };
}

/** Cuts a matrix [items, items] into bands. */
export function itemMatrixOf(
  engine: Engine,
  values: Float32Array,
  items: number,
  bandRows = BAND_ROWS,
): ItemMatrix {
  const bands: Tensor[] = [];
  for (let from = 0; from < items; from += bandRows) {
    const height = Math.min(bandRows, items - from);
    bands.push(engine.tf.tensor2d(values.subarray(from * items, (from + height) * items), [height, items]));
  }
  return createItemMatrix(engine, bands);
}

/** The columns from.. of each row, as columns 0.. */
function columnsOf(m: Csr, from: number, count: number): Csr {
  if (from === 0 && count === m.columns) return m;
  const indptr = new Int32Array(m.rows + 1);
  const places: number[] = [];
  for (let row = 0; row < m.rows; row++) {
    for (let p = m.indptr[row]!; p < m.indptr[row + 1]!; p++) {
      const column = m.indices[p]!;
      if (column >= from && column < from + count) places.push(p);
    }
    indptr[row + 1] = places.length;
  }
  return {
    ...{ rows: m.rows, columns: count, indptr },
    indices: Int32Array.from(places, (p) => m.indices[p]! - from),
    values: Float32Array.from(places, (p) => m.values[p]!),
  };
}
