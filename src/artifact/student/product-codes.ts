import type { ProductCodes, StoredRows } from './student-weights.ts';

export function partsOf(width: number, codeWidth: number): number {
  return Math.ceil(width / codeWidth);
}

/** The int8 rows that the codes stand for, exactly: nothing is rounded again. */
export function decodeRows(product: ProductCodes, width: number, scale: Float32Array): StoredRows {
  const { codeWidth, codes, chosen, codebook } = product;
  const parts = partsOf(width, codeWidth);
  const rows = chosen.length / parts;
  const q = new Int8Array(rows * width);
  for (let row = 0; row < rows; row++) {
    for (let part = 0; part < parts; part++) {
      const from = (part * codes + chosen[row * parts + part]!) * codeWidth;
      const count = Math.min(codeWidth, width - part * codeWidth);
      q.set(codebook.subarray(from, from + count), row * width + part * codeWidth);
    }
  }
  return { rows, width, q, scale, codes: product };
}
