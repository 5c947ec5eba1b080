import { problem } from '../../core/errors.ts';
import type { Tensor } from '../backend/context.ts';
import type { Schedule } from './schedule.ts';

export interface OptimizerSettings {
  kind: 'adam' | 'adamw' | 'sgd' | 'adagrad';
  learningRate: number;
  /** adam, adamw; default 0.9 */
  beta1?: number;
  /** adam, adamw; default 0.999 */
  beta2?: number;
  /** Default 1e-8; adagrad 1e-10. */
  epsilon?: number;
  /** sgd; default 0 */
  momentum?: number;
  /** adamw: decoupled, w -= lr * weightDecay * w (Loshchilov & Hutter 2019). Others: added to the gradient. Default 0. */
  weightDecay?: number;
  /** Largest Euclidean norm of all gradients together; larger ones are scaled down to it. */
  clipNorm?: number;
  schedule?: Schedule;
  /**
   * Rows that a step updates in a table that is only looked up in (gatherRows). 'touched' (default) updates the rows that were
   * looked up and leaves the rest and its moments alone (lazy Adam). 'all' updates the whole table, rows without a gradient by
   * their moments. 'all' is faster once a batch touches more than about a sixth of the rows.
   */
  rowUpdates?: 'touched' | 'all';
}

/** Settings with every default filled in. */
export interface Optimizer {
  readonly kind: OptimizerSettings['kind'];
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly clipNorm?: number;
  readonly schedule?: Schedule;
  readonly rowUpdates: 'touched' | 'all';
  /** Names of the arrays kept beside every parameter, each of the parameter's shape and zero at first. */
  readonly slots: readonly ('m' | 'v')[];
}

/** The factors of one step. */
export interface StepFactors {
  /** Learning rate after the schedule. */
  readonly rate: number;
  readonly beta1Power: number;
  readonly beta2Power: number;
}

/** Gradient rows of the touched ids only: ids int32 [n] without repeats, rows [n,d]. */
export interface RowGradient {
  readonly ids: Tensor;
  readonly rows: Tensor;
}

/** Where parameters and their slots live. Fused variables on native, plain tensors elsewhere; both give the same numbers. */
export interface ParameterStore {
  /** A tensor that shows the values now. Close and dispose it before the next apply, or the table is copied. */
  view(name: string): { tensor: Tensor; close(): void };
  /** Rows by id, [ids.length, d], off the gradient tape. */
  gather(name: string, ids: Int32Array): Tensor;
  readSlot(name: string, slot: 'm' | 'v'): Float32Array;
  read(name: string): Float32Array;
  write(name: string, values: Float32Array): void;
  writeSlot(name: string, slot: 'm' | 'v', values: Float32Array): void;
  apply(name: string, gradient: Tensor, factors: StepFactors): void;
  applyRows(name: string, gradient: RowGradient, factors: StepFactors): void;
  dispose(): void;
}

export function resolveOptimizer(settings: OptimizerSettings): Optimizer {
  const { kind } = settings;
  positive('learningRate', settings.learningRate);
  if (settings.clipNorm !== undefined) positive('clipNorm', settings.clipNorm);
  const weightDecay = settings.weightDecay ?? 0;
  if (!(weightDecay >= 0))
    throw problem('invalid-training-input', `weightDecay is ${weightDecay}; it must be >= 0`);
  const momentum = settings.momentum ?? 0;
  return {
    kind,
    learningRate: settings.learningRate,
    beta1: settings.beta1 ?? 0.9,
    beta2: settings.beta2 ?? 0.999,
    epsilon: settings.epsilon ?? (kind === 'adagrad' ? 1e-10 : 1e-8),
    momentum,
    weightDecay,
    clipNorm: settings.clipNorm,
    schedule: settings.schedule,
    rowUpdates: settings.rowUpdates ?? 'touched',
    slots: slotsOf(kind, momentum),
  };
}

function slotsOf(kind: OptimizerSettings['kind'], momentum: number): readonly ('m' | 'v')[] {
  if (kind === 'adagrad') return ['v'];
  if (kind === 'sgd') return momentum > 0 ? ['m'] : [];
  return ['m', 'v'];
}

function positive(name: string, value: number): void {
  if (!(value > 0) || !Number.isFinite(value)) {
    throw problem('invalid-training-input', `${name} is ${value}; it must be a finite number above 0`);
  }
}
