import { problem } from '../core/errors.ts';
import { createComposedStore } from './composed-store.ts';
import type { Context, Scalar, Tensor, TrackedTable } from './context.ts';
import { createNativeStore, type Initial } from './native-store.ts';
import { type OptimizerSettings, resolveOptimizer, type StepFactors } from './optimizer.ts';
import { mergeLookups } from './row-gradients.ts';
import { scheduleFactor } from './schedule.ts';

export type NamedTensors = Record<string, Tensor>;

/** What a step minimises: `total` is differentiated, `parts` are reported by name and checked for NaN. */
export interface Loss {
  total: Scalar;
  parts: Record<string, Scalar>;
}

export interface OptimizerState {
  /** Steps taken. */
  step: number;
  slots: Record<string, { m?: Float32Array; v?: Float32Array }>;
}

export interface Parameters {
  readonly names: readonly string[];
  shape(name: string): readonly number[];
  /** Steps taken so far. */
  readonly steps: number;
  /** The rate that the next step will use. */
  readonly learningRate: number;
  /**
   * One gradient step. Tensors made inside `loss` are released; results of gatherRows get row-sparse updates.
   *
   * @returns the value of every loss part, and of `total`
   * @throws training-diverged when a part or the total is NaN or infinite, before anything is changed
   */
  step(loss: (parameters: NamedTensors) => Loss): Record<string, number>;
  /** Runs `use` with the current values and no gradients; releases everything but what it returns. */
  evaluate<T extends Tensor | Tensor[] | NamedTensors | undefined>(use: (parameters: NamedTensors) => T): T;
  read(name: string): Float32Array;
  readAll(): Record<string, Float32Array>;
  write(name: string, values: Float32Array): void;
  /** Frozen parameters get no gradient and no update, whatever the optimizer's weight decay. */
  freeze(names: readonly string[]): void;
  unfreeze(names: readonly string[]): void;
  state(): OptimizerState;
  restore(state: OptimizerState): void;
  dispose(): void;
}

/** Trainable arrays with their optimizer. Shapes are checked against the values; NaN in a start value is refused. */
export function createParameters(
  context: Context,
  initial: Record<string, Initial>,
  settings: OptimizerSettings,
): Parameters {
  const { tf } = context;
  const optimizer = resolveOptimizer(settings);
  for (const [name, { shape, values }] of Object.entries(initial)) checkValues(name, shape, values);
  const create = context.native ? createNativeStore : createComposedStore;
  const store = create(context, initial, optimizer);
  const names = Object.keys(initial);
  const frozen = new Set<string>();
  let steps = 0;

  const rate = () => optimizer.learningRate * scheduleFactor(optimizer.schedule, steps);

  function known(name: string): void {
    if (!Object.hasOwn(initial, name)) {
      throw problem('internal', `there is no parameter '${name}'; there are: ${names.join(', ')}`);
    }
  }

  function openViews(): NamedTensors {
    return Object.fromEntries(names.map((name) => [name, tf.keep(store.view(name))]));
  }

  function step(loss: (parameters: NamedTensors) => Loss): Record<string, number> {
    const views = openViews();
    const trainable = names.filter((name) => !frozen.has(name));
    const tables = track(context, views, trainable);
    let result: Differentiated;
    try {
      result = differentiate(context, views, trainable, tables, loss);
    } finally {
      for (const view of Object.values(views)) view.dispose();
      context.tracked.clear();
    }
    try {
      refuseNonFinite(result.parts, steps, rate(), optimizer.clipNorm);
      update(result);
    } finally {
      tf.dispose([
        ...result.dense.values(),
        ...[...result.sparse.values()].flatMap(({ ids, rows }) => [ids, rows]),
      ]);
    }
    return result.parts;
  }

  function update({ dense, sparse }: Differentiated): void {
    const factors: StepFactors = {
      rate: rate(),
      beta1Power: optimizer.beta1 ** (steps + 1),
      beta2Power: optimizer.beta2 ** (steps + 1),
    };
    const shrink = clipFactor(
      context,
      [...dense.values(), ...[...sparse.values()].map((g) => g.rows)],
      optimizer.clipNorm,
    );
    tf.tidy(() => {
      const clipped = (gradient: Tensor) => (shrink === 1 ? gradient : tf.mul(gradient, shrink));
      for (const [name, gradient] of dense) store.apply(name, clipped(gradient), factors);
      for (const [name, { ids, rows }] of sparse)
        store.applyRows(name, { ids, rows: clipped(rows) }, factors);
    });
    steps++;
  }

  function evaluate<T extends Tensor | Tensor[] | NamedTensors | undefined>(
    use: (parameters: NamedTensors) => T,
  ): T {
    const views = openViews();
    try {
      return tf.tidy(() => use(views) as never) as T;
    } finally {
      for (const view of Object.values(views)) view.dispose();
    }
  }

  return {
    names,
    shape(name) {
      known(name);
      return initial[name]!.shape;
    },
    get steps() {
      return steps;
    },
    get learningRate() {
      return rate();
    },
    step,
    evaluate,
    read(name) {
      known(name);
      return store.read(name);
    },
    readAll: () => Object.fromEntries(names.map((name) => [name, store.read(name)])),
    write(name, values) {
      known(name);
      checkValues(name, initial[name]!.shape, values);
      store.write(name, values);
    },
    freeze(list) {
      list.forEach(known);
      for (const name of list) frozen.add(name);
    },
    unfreeze(list) {
      for (const name of list) frozen.delete(name);
    },
    state() {
      const slots = names.map((name) => {
        const arrays = optimizer.slots.map((slot) => [slot, store.readSlot(name, slot)]);
        return [name, Object.fromEntries(arrays)];
      });
      return { step: steps, slots: Object.fromEntries(slots) };
    },
    restore(state) {
      for (const name of names) {
        for (const slot of optimizer.slots) {
          const values = state.slots[name]?.[slot];
          if (!values)
            throw problem('invalid-training-input', `optimizer state lacks '${slot}' of '${name}'`);
          checkValues(`${name}.${slot}`, initial[name]!.shape, values);
          store.writeSlot(name, slot, values);
        }
      }
      steps = state.step;
    },
    dispose: () => store.dispose(),
  };
}

interface Differentiated {
  parts: Record<string, number>;
  dense: Map<string, Tensor>;
  sparse: Map<string, { ids: Tensor; rows: Tensor }>;
}

function track(
  context: Context,
  views: NamedTensors,
  trainable: readonly string[],
): Map<string, TrackedTable> {
  const { tf, native } = context;
  const tables = new Map<string, TrackedTable>();
  for (const name of trainable) {
    const view = views[name]!;
    // Off native, gather is an op on the tape: it must read a twin, so that the lookup stays a leaf.
    const table: TrackedTable = { storage: native ? view : tf.keep(view.clone()), lookups: [] };
    context.tracked.set(view.id, table);
    tables.set(name, table);
  }
  return tables;
}

/** Forward and backward pass. The gradients leave the scope alive; everything else is released. */
function differentiate(
  context: Context,
  views: NamedTensors,
  trainable: readonly string[],
  tables: ReadonlyMap<string, TrackedTable>,
  loss: (parameters: NamedTensors) => Loss,
): Differentiated {
  const { tf } = context;
  const sources = trainable.map((name) => views[name]!);
  const lookups: Tensor[] = [];
  let named: Record<string, Scalar> = {};
  const forward = () => {
    const { total, parts } = loss(views);
    named = Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, tf.keep(part.clone())]));
    // tfjs looks at the list after the forward pass, so leaves found on the way can still join it.
    for (const table of tables.values()) lookups.push(...table.lookups.map(({ rows }) => rows));
    sources.push(...lookups);
    return total;
  };
  try {
    const { value, grads } = gradients(tf, forward, sources);
    const parts = readParts(named, value);
    const dense = new Map<string, Tensor>();
    const sparse = new Map<string, { ids: Tensor; rows: Tensor }>();
    const rowGradients = new Map(lookups.map((rows, i) => [rows, grads[trainable.length + i]]));
    trainable.forEach((name, i) => {
      const found = tables.get(name)!.lookups.flatMap(({ ids, rows }) => {
        const gradient = rowGradients.get(rows);
        return gradient ? [{ ids, gradient }] : [];
      });
      const own = grads[i];
      if (found.length === 0) {
        if (own) dense.set(name, own);
        return;
      }
      const merged = mergeLookups(context, found, views[name]!.shape[0]!, own);
      if (merged.dense) dense.set(name, merged.dense);
      else sparse.set(name, merged.sparse!);
    });
    return { parts, dense, sparse };
  } finally {
    tf.dispose(Object.values(named));
    tf.dispose(lookups);
    if (!context.native) for (const { storage } of tables.values()) storage.dispose();
  }
}

function gradients(
  tf: Context['tf'],
  forward: () => Scalar,
  sources: Tensor[],
): { value: Tensor; grads: (Tensor | undefined)[] } {
  const engine = tf.engine() as unknown as {
    gradients(
      f: () => Tensor,
      xs: Tensor[],
      dy: undefined,
      allowNone: boolean,
    ): { value: Tensor; grads: Tensor[] };
  };
  return engine.gradients(forward, sources, undefined, true);
}

function readParts(named: Record<string, Scalar>, total: Tensor): Record<string, number> {
  const parts: Record<string, number> = {};
  for (const [name, tensor] of Object.entries(named)) parts[name] = tensor.dataSync()[0]!;
  parts['total'] = total.dataSync()[0]!;
  total.dispose();
  return parts;
}

function clipFactor({ tf }: Context, gradients: readonly Tensor[], clipNorm: number | undefined): number {
  if (clipNorm === undefined || gradients.length === 0) return 1;
  const squares = tf.tidy(() => tf.addN(gradients.map((gradient) => tf.sum(tf.square(gradient)))));
  const norm = Math.sqrt(squares.dataSync()[0]!);
  squares.dispose();
  return norm > clipNorm ? clipNorm / norm : 1;
}

function refuseNonFinite(parts: Record<string, number>, step: number, rate: number, clip?: number): void {
  for (const [part, value] of Object.entries(parts)) {
    if (Number.isFinite(value)) continue;
    const cause =
      step === 0
        ? 'the first step already fails: the input or the start weights hold extreme values'
        : `the learning rate ${rate.toPrecision(3)} is likely too high${clip ? '' : ', or gradient clipping (clipNorm) is needed'}`;
    throw problem('training-diverged', `loss part '${part}' is ${value} at step ${step + 1}; ${cause}`, {
      step: step + 1,
      part,
    });
  }
}

function checkValues(name: string, shape: readonly number[], values: Float32Array): void {
  const size = shape.reduce((product, n) => product * n, 1);
  if (values.length !== size) {
    throw problem(
      'invalid-training-input',
      `'${name}' has ${values.length} values for shape [${shape}] (${size})`,
    );
  }
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw problem('invalid-training-input', `'${name}' holds ${values[bad]} at position ${bad}`);
}
