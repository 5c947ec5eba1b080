import type { Rng } from '../../core/rng.ts';
import type { NamedInitial } from '../../student/network.ts';
import type { Engine, Tensor } from '../../tensor/engine.ts';
import type { NamedTensors } from '../../tensor/train/parameters.ts';
import { normal, zeros } from './initial.ts';
import type { TeacherWidths } from './term.ts';

/** The gate's temperature falls from 1 to this; the authors' 1e-10 is as hard a choice, with gradients that explode on ties. */
const LAST_TEMPERATURE = 0.01;

/** Gumbel noise [rows, experts] that makes the softmax of a gate a draw (Jang, Gu & Poole, ICLR 2017). */
export function gumbelNoise(rows: number, experts: number, rng: Rng): Float32Array {
  return Float32Array.from(
    { length: rows * experts },
    () => -Math.log(-Math.log(rng.next() + 1e-12) + 1e-12),
  );
}

export function gateTemperature(progress: number): number {
  return LAST_TEMPERATURE ** progress;
}

/** softmax((teacher gate + noise) / temperature), [B, experts]: which expert answers for which entity. */
export function chooseExperts(
  { tf }: Engine,
  teacher: Tensor,
  gate: Tensor,
  noise: Tensor,
  temperature: number,
): Tensor {
  const scores = tf.add(tf.matMul(teacher, gate), noise);
  return tf.softmax(tf.div(scores, temperature));
}

/**
 * Mean square of what the chosen experts make of the student's vectors, less the teacher's: each expert is an MLP
 * d -> m -> w (DE: Kang et al., CIKM 2020, section 4.1).
 * @param student [B, d], @param teacher [B, w], @param choice [B, E]
 * @param p first [d, E*m], firstBias [E*m], second [E, m, w], secondBias [E, 1, w]
 */
export function mixtureLoss(
  { tf }: Engine,
  student: Tensor,
  teacher: Tensor,
  choice: Tensor,
  p: { first: Tensor; firstBias: Tensor; second: Tensor; secondBias: Tensor },
): Tensor {
  const [experts, middle] = p.second.shape as [number, number, number];
  const batch = student.shape[0]!;
  const inner = tf.relu(tf.add(tf.matMul(student, p.first), p.firstBias));
  const byExpert = tf.transpose(tf.reshape(inner, [batch, experts, middle]), [1, 0, 2]);
  const answers = tf.add(tf.matMul(byExpert, p.second), p.secondBias);
  const weights = tf.reshape(tf.transpose(choice), [experts, batch, 1]);
  const mixed = tf.sum(tf.mul(answers, weights), 0);
  return tf.mean(tf.square(tf.sub(mixed, teacher)));
}

/** A mixture for users, and one for items where the teacher has vectors of them. */
export function mixtureParameters(
  loss: string,
  d: number,
  widths: TeacherWidths,
  experts: number,
  rng: Rng,
): NamedInitial {
  const made: NamedInitial = {};
  for (const side of ['user', 'item'] as const) {
    const width = widths[side];
    if (width) Object.assign(made, mixture(`${loss}.${side}`, d, width, experts, rng));
  }
  return made;
}

function mixture(prefix: string, d: number, width: number, experts: number, rng: Rng): NamedInitial {
  const middle = Math.ceil((d + width) / 2);
  return {
    [`${prefix}.gate`]: normal([width, experts], width, rng),
    [`${prefix}.first`]: normal([d, experts * middle], d, rng),
    [`${prefix}.firstBias`]: zeros([experts * middle]),
    [`${prefix}.second`]: normal([experts, middle, width], middle, rng),
    [`${prefix}.secondBias`]: zeros([experts, 1, width]),
  };
}

/** The parameters of one mixture, by the names that mixtureParameters gave them. */
export function mixtureOf(p: NamedTensors, prefix: string) {
  return {
    gate: p[`${prefix}.gate`]!,
    first: p[`${prefix}.first`]!,
    firstBias: p[`${prefix}.firstBias`]!,
    second: p[`${prefix}.second`]!,
    secondBias: p[`${prefix}.secondBias`]!,
  };
}
