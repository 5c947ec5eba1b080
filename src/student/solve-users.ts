import type { Solver } from '../artifact/student/student-weights.ts';
import type { Engine, Tensor } from '../tensor/engine.ts';
import type { SparseBatch } from '../tensor/sparse/batch.ts';
import type { NamedTensors } from '../tensor/train/parameters.ts';
import type { NamedInitial } from './network.ts';

const NAME = 'solver';
/** Stands for a number that is 0, which has no logarithm. */
const LEAST = 1e-12;

/** The parameter of a solver: logarithms of its numbers, the diagonal first, so that they stay positive. */
export function solverParameter({ gram, perPair, scale }: Solver): NamedInitial {
  const numbers = Float32Array.from([...gram, perPair, scale], (value) => Math.log(Math.max(LEAST, value)));
  return { [NAME]: { shape: [numbers.length], values: numbers } };
}

export function readSolver(read: (name: string) => Float32Array): Solver {
  const numbers = read(NAME).map(Math.exp);
  const d = numbers.length - 2;
  return { gram: numbers.slice(0, d), perPair: numbers[d]!, scale: numbers[d + 1]! };
}

/** The users' vectors [B, d] of histories [B, N] that are solved on the items [N, d]; see Solver. */
export function solveUsers(engine: Engine, p: NamedTensors, histories: SparseBatch, items: Tensor): Tensor {
  const { tf } = engine;
  const d = items.shape[1]!;
  const part = (from: number, size: number) => tf.exp(tf.slice(p[NAME]!, from, size)) as Tensor;
  return tf.mul(engine.ridgeRows(histories, items, part(0, d), part(d, 1)), part(d + 1, 1));
}
