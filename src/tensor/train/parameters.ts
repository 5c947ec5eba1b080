import { problem } from '../../core/errors.ts';
import type { Context, Tensor } from '../backend/context.ts';
import { explainMemory } from '../backend/memory.ts';
import { createComposedStore } from './composed-store.ts';
import { createNativeStore, type Initial } from './native-store.ts';
import { type OptimizerSettings, resolveOptimizer, type StepFactors } from './optimizer.ts';
import { scheduleFactor } from './schedule.ts';
import {
  clipFactor,
  type Differentiated,
  differentiate,
  type Loss,
  type NamedTensors,
  refuseNonFinite,
  track,
} from './step-gradients.ts';

export type { Loss, NamedTensors } from './step-gradients.ts';

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
// Long because its functions share one state.
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

  /** Runs `use` with tensors that show the parameters, and makes sure none is left when a table is updated. */
  function withViews<T>(use: (views: NamedTensors) => T): T {
    const opened = names.map((name) => [name, store.view(name)] as const);
    const views = Object.fromEntries(opened.map(([name, { tensor }]) => [name, tf.keep(tensor)]));
    try {
      return use(views);
    } catch (error) {
      throw explainMemory(error);
    } finally {
      for (const [, { tensor, close }] of opened) {
        close();
        tensor.dispose();
      }
    }
  }

  function step(loss: (parameters: NamedTensors) => Loss): Record<string, number> {
    const trainable = names.filter((name) => !frozen.has(name));
    const result = withViews((views) => {
      const tables = track(context, store, views, trainable);
      try {
        return differentiate(context, views, trainable, tables, optimizer.rowUpdates, loss);
      } finally {
        context.tracked.clear();
      }
    });
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
    return withViews((views) => tf.tidy(() => use(views)));
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
