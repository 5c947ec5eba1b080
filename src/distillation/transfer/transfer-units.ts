import { problem } from '../../core/errors.ts';
import type { FoldInStart } from '../../student/start.ts';
import type { ItemFactors } from '../../teacher/contract.ts';
import { offsetOf } from './mean-offset.ts';
import type { TransferSetup } from './transfer-setup.ts';

/**
 * The teacher's strongest hidden units: those whose input and output vectors are longest, as the product of the two
 * lengths says how much a unit moves the scores.
 */
export function neuronTransfer(setup: TransferSetup): FoldInStart {
  const { student } = setup;
  const factors = factorsOf(setup, 'neurons');
  if (student.dimensions > factors.width) {
    throw problem(
      'invalid-job',
      `distillation.transfer neurons: the teacher's ${factors.width} hidden units cannot fill student.dimensions ${student.dimensions}; at most ${factors.width} fit`,
    );
  }
  return startFrom(setup, factors, strongest(factors, student.dimensions));
}

/** Layers of equal shape: the teacher's item matrices as they are. */
export function copyTransfer(setup: TransferSetup): FoldInStart {
  const { student } = setup;
  const factors = factorsOf(setup, 'copy');
  if (student.dimensions !== factors.width) {
    throw problem(
      'invalid-job',
      `distillation.transfer copy needs layers of equal shape: the teacher's is ${factors.width} wide, student.dimensions is ${student.dimensions}; make them equal, or use svd`,
    );
  }
  return startFrom(
    setup,
    factors,
    Array.from({ length: factors.width }, (_, unit) => unit),
  );
}

function factorsOf({ teacher, sample }: TransferSetup, transfer: string): ItemFactors {
  const factors = teacher.itemFactors?.(sample);
  if (factors) return factors;
  throw problem(
    'invalid-job',
    `distillation.transfer ${transfer} needs a teacher with a hidden layer or item factors, which ${teacher.kind} has not; use svd or none`,
  );
}

/** Units by falling |input| * |output|. */
export function strongest({ input, output, width }: ItemFactors, count: number): number[] {
  const squares = (matrix: Float32Array) => {
    const sums = new Float64Array(width);
    for (let at = 0; at < matrix.length; at++) sums[at % width]! += matrix[at]! ** 2;
    return sums;
  };
  const [into, out] = [squares(input), squares(output)];
  return Array.from({ length: width }, (_, unit) => unit)
    .sort((a, b) => into[b]! * out[b]! - into[a]! * out[a]! || a - b)
    .slice(0, count);
}

function startFrom(setup: TransferSetup, factors: ItemFactors, units: number[]): FoldInStart {
  const items = setup.sample.columns;
  const pick = (matrix: Float32Array) => {
    const picked = new Float32Array(items * units.length);
    for (let i = 0; i < items; i++) {
      units.forEach((unit, k) => {
        picked[i * units.length + k] = matrix[i * factors.width + unit]!;
      });
    }
    return picked;
  };
  const start = { itemsIn: pick(factors.input), itemsOut: pick(factors.output) };
  return { ...start, itemBias: offsetOf(setup, start) };
}
