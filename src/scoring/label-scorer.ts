import type { LabelStudent } from '../artifact/student/label-student.ts';
import { behaviourBag } from '../dataset/companions.ts';
import type { Bag } from '../features/encoding.ts';

/** All that is known of an entity. */
export interface LabelInput {
  /** The row of an item that training knew: what it is taken together with is in the model. */
  row?: number | undefined;
  /** Items that were taken, or taken together with it, and what each counts; distinct. */
  behaviour?: { rows: ArrayLike<number>; weights: ArrayLike<number> } | undefined;
  features?: Bag | undefined;
}

export interface LabelScorer {
  /** Probabilities, Float32 [L]; overwritten by the next call. */
  probabilities(input: LabelInput): Float32Array;
  /** [L] before calibration; overwritten by the next call. */
  logits(input: LabelInput): Float32Array;
}

/**
 * Serving and the evaluation after training both use it. Sums in float64, answers in float32; not reentrant.
 * @param activation of the hidden layer; students have relu, a linear control has none
 */
export function createLabelScorer(
  student: LabelStudent,
  activation: 'relu' | 'identity' = 'relu',
): LabelScorer {
  const floor = activation === 'relu' ? 0 : Number.NEGATIVE_INFINITY;
  const { into, bias, out, labelBias, known, takers, calibration, items } = student;
  const d = out.width;
  const sum = new Float64Array(d);
  const answer = new Float32Array(out.rows);

  function add({ q, scale }: LabelStudent['into'], row: number, weight: number): void {
    const factor = weight * scale[row]!;
    const start = row * d;
    for (let k = 0; k < d; k++) sum[k]! += factor * q[start + k]!;
  }

  function logits({ row, behaviour, features }: LabelInput): Float32Array {
    sum.set(bias);
    if (known && row !== undefined) add(known, row, 1);
    if (behaviour) {
      const bag = behaviourBag(behaviour.rows, behaviour.weights, takers);
      for (let i = 0; i < bag.length; i++) add(into, behaviour.rows[i]!, bag[i]!);
    }
    if (features) {
      for (let i = 0; i < features.columns.length; i++)
        add(into, items.length + features.columns[i]!, features.values[i]!);
    }
    for (let l = 0; l < out.rows; l++) {
      let dot = 0;
      for (let k = 0; k < d; k++) if (sum[k]! > floor) dot += sum[k]! * out.q[l * d + k]!;
      answer[l] = labelBias[l]! + out.scale[l]! * dot;
    }
    return answer;
  }

  return {
    logits,
    probabilities(input) {
      logits(input);
      const { scale, shift } = calibration;
      for (let l = 0; l < answer.length; l++) answer[l] = 1 / (1 + Math.exp(-(scale * answer[l]! + shift)));
      return answer;
    },
  };
}
