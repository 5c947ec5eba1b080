import type { Context, Tensor } from '../backend/context.ts';
import type { Initial } from './native-store.ts';
import type { Optimizer, ParameterStore, RowGradient, StepFactors } from './optimizer.ts';

interface Slots {
  value: Tensor;
  m?: Tensor;
  v?: Tensor;
}

/** Parameters as plain kept tensors; every update replaces them. The same formulas as the fused ops. */
export function createComposedStore(
  { tf }: Context,
  initial: Record<string, Initial>,
  optimizer: Optimizer,
): ParameterStore {
  const all = new Map<string, Slots>();
  const tensor = (values: Float32Array, shape: readonly number[]) =>
    tf.keep(tf.tensor(values.slice(), [...shape]));
  for (const [name, { shape, values }] of Object.entries(initial)) {
    const slots: Slots = { value: tensor(values, shape) };
    for (const slot of optimizer.slots) slots[slot] = tensor(new Float32Array(values.length), shape);
    all.set(name, slots);
  }

  function replace(slots: Slots, key: keyof Slots, next: Tensor): void {
    slots[key]?.dispose();
    slots[key] = tf.keep(next);
  }

  function update(slots: Slots, gradient: Tensor, factors: StepFactors): void {
    for (const [key, next] of Object.entries(stepped(tf, slots, gradient, optimizer, factors))) {
      replace(slots, key as keyof Slots, next);
    }
  }

  return {
    view: (name) => ({ tensor: all.get(name)!.value.clone(), close: () => undefined }),
    // On the tape, but from a tensor that no step differentiates: the result counts as a leaf.
    gather: (name, ids) => tf.tidy(() => tf.gather(all.get(name)!.value, tf.tensor1d(ids, 'int32'))),
    read: (name) => all.get(name)!.value.dataSync().slice() as Float32Array,
    readSlot: (name, slot) => all.get(name)![slot]!.dataSync().slice() as Float32Array,
    write: (name, values) => replace(all.get(name)!, 'value', tensor(values, all.get(name)!.value.shape)),
    writeSlot: (name, slot, values) =>
      replace(all.get(name)!, slot, tensor(values, all.get(name)!.value.shape)),
    apply: (name, gradient, factors) => tf.tidy(() => update(all.get(name)!, gradient, factors)),
    applyRows: (name, gradient, factors) => tf.tidy(() => updateRows(all.get(name)!, gradient, factors)),
    dispose() {
      for (const slots of all.values()) for (const held of Object.values(slots)) (held as Tensor).dispose();
      all.clear();
    },
  };

  /** Gathers the touched rows, steps them as if they were the whole table, and puts them back. */
  function updateRows(slots: Slots, { ids, rows }: RowGradient, factors: StepFactors): void {
    const taken: Slots = { value: tf.gather(slots.value, ids) };
    for (const slot of optimizer.slots) taken[slot] = tf.gather(slots[slot]!, ids);
    const next = stepped(tf, taken, rows, optimizer, factors);
    for (const [key, changed] of Object.entries(next)) {
      const slot = key as keyof Slots;
      const difference = tf.sub(changed, taken[slot]!);
      const table = slots[slot]!;
      const spread = tf.scatterND(tf.expandDims(ids, 1), difference, table.shape);
      replace(slots, slot, tf.add(table, spread));
    }
  }
}

/** New values of everything that a step changes. */
function stepped(
  tf: Context['tf'],
  { value, m, v }: Slots,
  raw: Tensor,
  optimizer: Optimizer,
  { rate, beta1Power, beta2Power }: StepFactors,
): Slots {
  const { kind, weightDecay, beta1, beta2, epsilon } = optimizer;
  const decoupled = kind === 'adamw' && weightDecay > 0;
  const start = decoupled ? tf.sub(value, tf.mul(value, rate * weightDecay)) : value;
  const gradient = !decoupled && weightDecay > 0 ? tf.add(raw, tf.mul(value, weightDecay)) : raw;
  if (kind === 'sgd') {
    if (!m) return { value: tf.sub(start, tf.mul(gradient, rate)) };
    const velocity = tf.add(tf.mul(m, optimizer.momentum), gradient);
    return { m: velocity, value: tf.sub(start, tf.mul(velocity, rate)) };
  }
  if (kind === 'adagrad') {
    const sum = tf.add(v!, tf.square(gradient));
    const step = tf.div(tf.mul(gradient, rate), tf.add(tf.sqrt(sum), epsilon));
    return { v: sum, value: tf.sub(start, step) };
  }
  const mean = tf.add(tf.mul(m!, beta1), tf.mul(gradient, 1 - beta1));
  const spread = tf.add(tf.mul(v!, beta2), tf.mul(tf.square(gradient), 1 - beta2));
  const scaled = rate * (Math.sqrt(1 - beta2Power) / (1 - beta1Power));
  const step = tf.div(tf.mul(mean, scaled), tf.add(tf.sqrt(spread), epsilon));
  return { m: mean, v: spread, value: tf.sub(start, step) };
}
