import type { Csr } from '../../dataset/matrix.ts';
import type { TeacherState } from '../contract.ts';

type Tensors = TeacherState['tensors'];

/** A matrix among a teacher's tensors. Row lengths and column ids are exact as float32 up to 2^24. */
export function csrTensors(m: Csr): Tensors {
  const vector = (values: ArrayLike<number>) => ({
    shape: [values.length],
    values: Float32Array.from(values),
  });
  const lengths = Float32Array.from({ length: m.rows }, (_, r) => m.indptr[r + 1]! - m.indptr[r]!);
  return {
    trainColumns: vector([m.columns]),
    trainLengths: vector(lengths),
    trainIndices: vector(m.indices),
    trainValues: { shape: [m.values.length], values: m.values },
  };
}

export function csrFromTensors(tensors: Tensors): Csr {
  const lengths = tensors.trainLengths!.values;
  const indptr = new Int32Array(lengths.length + 1);
  for (let r = 0; r < lengths.length; r++) indptr[r + 1] = indptr[r]! + lengths[r]!;
  return {
    rows: lengths.length,
    columns: tensors.trainColumns!.values[0]!,
    indptr,
    indices: Int32Array.from(tensors.trainIndices!.values),
    values: tensors.trainValues!.values,
  };
}
