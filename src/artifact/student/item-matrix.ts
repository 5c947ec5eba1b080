import { problem } from '../../core/errors.ts';
import type { Quantization } from '../../domain/students/quantization.ts';
import { expectTensor, finite, WEIGHTS_FILE } from '../format/checked-tensors.ts';
import type { Tensor } from '../format/safetensors.ts';
import { packNibbles, unpackNibbles } from './nibbles.ts';
import { decodeRows, partsOf } from './product-codes.ts';
import type { StoredRows } from './student-weights.ts';

type Tensors = ReadonlyMap<string, Tensor>;

interface Format {
  tensors(name: string, matrix: StoredRows): [string, Tensor][];
  /** @throws problem('invalid-artifact') for anything that does not decode to [rows, width] */
  read(tensors: Tensors, name: string, rows: number, width: number, scale: Float32Array): StoredRows;
}

const FORMATS: Record<Quantization, Format> = {
  int8: {
    tensors: (name, { rows, width, q }) => [[`${name}.q`, { dtype: 'I8', shape: [rows, width], data: q }]],
    read: (tensors, name, rows, width, scale) => ({
      rows,
      width,
      q: expectTensor(tensors, `${name}.q`, 'I8', [rows, width]).data,
      scale,
    }),
  },
  // q stays within -7..7.
  int4: {
    tensors(name, { rows, width, q }) {
      const data = packNibbles(q, rows, width);
      return [[`${name}.q`, { dtype: 'U8', shape: [rows, Math.ceil(width / 2)], data }]];
    },
    read(tensors, name, rows, width, scale) {
      const packed = expectTensor(tensors, `${name}.q`, 'U8', [rows, Math.ceil(width / 2)]).data;
      return { rows, width, q: unpackNibbles(packed, rows, width), scale };
    },
  },
  pq: {
    tensors(name, { rows, width, codes }) {
      if (!codes) throw new RangeError(`${name} has no codes to store`);
      const parts = partsOf(width, codes.codeWidth);
      const shape = [parts, codes.codes, codes.codeWidth];
      return [
        [`${name}.codes`, { dtype: 'U8', shape: [rows, parts], data: codes.chosen }],
        [`${name}.codebook`, { dtype: 'I8', shape, data: codes.codebook }],
      ];
    },
    read: readCodes,
  },
};

/** One item matrix as its quantization stores it. */
export function matrixTensors(
  name: string,
  matrix: StoredRows,
  quantization: Quantization,
): [string, Tensor][] {
  const { rows, scale } = matrix;
  return [
    ...FORMATS[quantization].tensors(name, matrix),
    [`${name}.scale`, { dtype: 'F32', shape: [rows], data: scale }],
  ];
}

/** @throws problem('invalid-artifact') for anything that does not decode to [rows, width] */
export function readMatrix(
  tensors: Tensors,
  name: string,
  rows: number,
  width: number,
  quantization: Quantization,
): StoredRows {
  const scale = finite(tensors, `${name}.scale`, [rows]);
  return FORMATS[quantization].read(tensors, name, rows, width, scale);
}

function readCodes(
  tensors: Tensors,
  name: string,
  rows: number,
  width: number,
  scale: Float32Array,
): StoredRows {
  const [parts = 0, codes = 0, codeWidth = 0] = tensors.get(`${name}.codebook`)?.shape ?? [];
  const { data: codebook } = expectTensor(tensors, `${name}.codebook`, 'I8', [parts, codes, codeWidth]);
  if (codeWidth < 1 || codes < 1 || codes > 256 || parts !== partsOf(width, codeWidth)) {
    throw problem(
      'invalid-artifact',
      `${WEIGHTS_FILE}: ${name}.codebook is [${parts},${codes},${codeWidth}], which does not make rows of ${width}`,
    );
  }
  const { data: chosen } = expectTensor(tensors, `${name}.codes`, 'U8', [rows, parts]);
  const wrong = chosen.findIndex((code) => code >= codes);
  if (wrong >= 0) {
    throw problem(
      'invalid-artifact',
      `${WEIGHTS_FILE}: ${name}.codes holds ${chosen[wrong]} at ${wrong}; there are ${codes} codes`,
    );
  }
  return decodeRows({ codeWidth, codes, chosen, codebook }, width, scale);
}
