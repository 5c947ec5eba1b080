import type { Quantization } from '../../domain/students/quantization.ts';
import { type DType, safetensorsBytes } from '../format/safetensors.ts';
import { partsOf } from './product-codes.ts';
import { encoderShapes } from './sequence-encoder.ts';

/** The settings of a student that its bytes follow from, beside the number of items. */
export interface SizedStudent {
  dimensions: number;
  hidden: number | null;
  tied: boolean;
  itemBias: boolean;
  quantization: Quantization;
  codes: number;
  codeWidth: number;
  user?: 'solved';
  encoder?: { length: number };
}

type Shapes = [name: string, dtype: DType, shape: number[]][];

/**
 * Bytes of the weights of a student before it is trained: those of student-tensors.ts without the tables of features, whose size
 * follows from the data.
 * @param heads tasks with a layer of their own
 */
export function studentBytes(student: SizedStudent, items: number, heads = 0): number {
  const { dimensions: d, hidden, tied, itemBias, user, encoder } = student;
  const h = hidden ?? d;
  const shapes: Shapes = [
    ...matrixShapes('E_out', items, d, student),
    ...(tied ? [] : matrixShapes('E_in', items, h, student)),
    ...(encoder
      ? Object.entries(encoderShapes(d, encoder.length)).map(([name, shape]): Shapes[number] => [
          `encoder.${name}`,
          'F32',
          shape,
        ])
      : ([['b', 'F32', [h]]] as Shapes)),
    ...((user === 'solved' ? [['G', 'F32', [d]]] : []) as Shapes),
    ...((hidden === null
      ? []
      : [
          ['W', 'F32', [h, d]],
          ['b2', 'F32', [d]],
        ]) as Shapes),
    ...(Array.from({ length: heads }, (_, task) => [
      [`head.${task}.W`, 'F32', [d, d]],
      [`head.${task}.b`, 'F32', [d]],
    ]).flat() as Shapes),
    ...((itemBias ? [['c', 'F32', [items]]] : []) as Shapes),
    ['popularity', 'F32', [items]],
  ];
  return safetensorsBytes(shapes.map(([name, dtype, shape]) => ({ name, dtype, shape })));
}

function matrixShapes(
  name: string,
  rows: number,
  width: number,
  { quantization, codes, codeWidth }: SizedStudent,
): Shapes {
  const scale: Shapes[number] = [`${name}.scale`, 'F32', [rows]];
  if (quantization === 'int8') return [[`${name}.q`, 'I8', [rows, width]], scale];
  if (quantization === 'int4') return [[`${name}.q`, 'U8', [rows, Math.ceil(width / 2)]], scale];
  const parts = partsOf(width, codeWidth);
  return [
    [`${name}.codes`, 'U8', [rows, parts]],
    [`${name}.codebook`, 'I8', [parts, codes, codeWidth]],
    scale,
  ];
}
