import type { InnerLayer } from '../artifact/student/student-weights.ts';
import type { Engine, Tensor } from '../tensor/engine.ts';
import type { NamedTensors } from '../tensor/train/parameters.ts';
import type { NamedInitial, StudentOutput } from './network.ts';

const weightsOf = (task: number) => `head.${task}.weights`;
const biasOf = (task: number) => `head.${task}.bias`;

/** One map u_t = A_t' u + b_t [d, d] per task, the identity at first: what all tasks share is where they begin. */
export function headParameters(tasks: number, dimensions: number): NamedInitial {
  const made: NamedInitial = {};
  for (let task = 0; task < tasks; task++) {
    const identity = new Float32Array(dimensions * dimensions);
    for (let k = 0; k < dimensions; k++) identity[k * dimensions + k] = 1;
    made[weightsOf(task)] = { shape: [dimensions, dimensions], values: identity };
    made[biasOf(task)] = { shape: [dimensions], values: new Float32Array(dimensions) };
  }
  return made;
}

/** The users as one task sees them; as they are where the student has no heads. */
export function throughHead(
  { tf }: Engine,
  p: NamedTensors,
  output: StudentOutput,
  task: number,
): StudentOutput {
  const weights = p[weightsOf(task)];
  if (!weights) return output;
  const user = tf.add(tf.matMul(output.user, weights), p[biasOf(task)]!) as Tensor;
  return { ...output, user };
}

export function readHead(read: (name: string) => Float32Array, task: number): InnerLayer {
  return { weights: read(weightsOf(task)), bias: read(biasOf(task)) };
}
