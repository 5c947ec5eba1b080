import { dequantizeRows } from '../../artifact/student/quantize.ts';
import type { StudentWeights } from '../../artifact/student/student-weights.ts';
import { choleskyInPlace, solveTriangular } from '../../tensor/linalg/linalg-reference.ts';

/** Finds the vectors whose scores are nearest to wanted ones, as a weighted least squares problem over the items of a student. */
export interface ItemSpace {
  /** [d]: scores, with the item biases, that rank as the popularity does as far as the space allows; and their factor on it. */
  popular: { vector: Float32Array; factor: number };
  /** Adds to `into` [d] the vector for a single wanted score of an item. */
  add(item: number, score: number, into: Float64Array | Float32Array): void;
}

/** Part of the mean of the diagonal that is added to it. */
const RIDGE = 1e-3;
/** Standard deviation of the popularity's scores by that of the item biases, where the biases say nothing of popularity. */
const ABOVE_BIAS = 10;

/**
 * Scores of popular items count more: lists are made of them.
 * @param popularity [N] what the scores of somebody of whom nothing is known should be, but for a factor; not all 0
 */
export function createItemSpace(
  { itemsOut, itemBias }: Pick<StudentWeights, 'itemsOut' | 'itemBias'>,
  popularity: Float32Array,
): ItemSpace {
  const { rows, width: d } = itemsOut;
  const items = dequantizeRows(itemsOut);
  const mean = popularity.reduce((sum, value) => sum + value, 0) / rows;
  const weights = popularity.map((value) => value + 0.01 * mean);
  const vectors = vectorsOf(items, weights, d);
  const project = (scores: Float32Array) => {
    const vector = new Float64Array(d);
    for (let item = 0; item < rows; item++)
      for (let k = 0; k < d; k++) vector[k]! += scores[item]! * vectors[k * rows + item]!;
    return vector;
  };
  const [wanted, bias] = [project(popularity), project(itemBias)];
  const factor = factorOf();
  return {
    popular: { vector: Float32Array.from(wanted, (value, k) => factor * value - bias[k]!), factor },
    add(item, score, into) {
      for (let k = 0; k < d; k++) into[k]! += score * vectors[k * rows + item]!;
    },
  };

  /** The factor on the popularity with which a vector and the given biases are nearest to it. */
  function factorOf(): number {
    if (itemBias.every((value) => value === 0)) return 1;
    const left = (scores: Float32Array, vector: Float64Array) =>
      scores.map((score, item) => {
        let said = 0;
        for (let k = 0; k < d; k++) said += items[item * d + k]! * vector[k]!;
        return score - said;
      });
    const [ofWanted, ofBias] = [left(popularity, wanted), left(itemBias, bias)];
    let [both, own] = [0, 0];
    for (let item = 0; item < rows; item++) {
      both += weights[item]! * ofWanted[item]! * ofBias[item]!;
      own += weights[item]! * ofBias[item]! ** 2;
    }
    // The popularity is near a vector's scores and `both / own` times the biases.
    return both > 0 ? own / both : (ABOVE_BIAS * deviationOf(itemBias)) / deviationOf(popularity);
  }
}

/** (E' W E + ridge)^-1 E' W, [d, N] */
function vectorsOf(items: Float32Array, weights: Float32Array, d: number): Float64Array {
  const rows = weights.length;
  const gram = new Float64Array(d * d);
  const right = new Float64Array(d * rows);
  for (let item = 0; item < rows; item++) {
    for (let j = 0; j < d; j++) {
      const value = weights[item]! * items[item * d + j]!;
      right[j * rows + item] = value;
      for (let k = 0; k < d; k++) gram[j * d + k]! += value * items[item * d + k]!;
    }
  }
  let trace = 0;
  for (let k = 0; k < d; k++) trace += gram[k * d + k]!;
  for (let k = 0; k < d; k++) gram[k * d + k]! += (RIDGE * trace) / d || 1;
  const lower = choleskyInPlace(gram, d);
  solveTriangular(lower, right, d, rows, false);
  solveTriangular(lower, right, d, rows, true);
  return right;
}

function deviationOf(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) || 1;
}
