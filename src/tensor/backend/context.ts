import type { Native } from './native.ts';
import type { Tensor, Tfjs } from './tensor-types.ts';

export type { Scalar, Tensor, Tfjs } from './tensor-types.ts';

export type BackendName = 'gpu' | 'native' | 'wasm' | 'cpu';

export interface BackendReport {
  name: BackendName;
  /** The backend that was asked for: 'auto' or a name. */
  requested: string;
  /** Why 'auto' took this one and not an earlier one of gpu, native, wasm, cpu. */
  reason?: string;
  /** Version of the TensorFlow library; unset on wasm and cpu. */
  tensorflow?: string;
  device?: string;
  threads: number;
  selfTestMs: number;
  /** Same seed, data and thread count give the same bytes. TensorFlow does not promise that on a GPU. */
  deterministic: boolean;
}

/** A trainable table as seen inside one optimizer step; gatherRows leaves its row gradients here. */
export interface TrackedTable {
  /** Rows of the stored table, off the tape: the result is a leaf that gradients can be taken for. */
  gather(ids: Int32Array): Tensor;
  readonly lookups: { ids: Int32Array; rows: Tensor }[];
}

/** The layer that logits came from: logits = h·eᵀ + c. */
export interface Head {
  h: Tensor;
  e: Tensor;
  c?: Tensor;
}

/** The state of the process that every operation needs. */
export interface Context {
  readonly tf: Tfjs;
  readonly report: BackendReport;
  /** Direct access to TensorFlow's ops; undefined on wasm and cpu, where ops are composed from tfjs's own. */
  readonly native?: Native;
  readonly memoryMiB: number;
  /** Tables of the step being differentiated, by tensor id; empty outside a step. */
  readonly tracked: Map<number, TrackedTable>;
  /** Head behind each tensor of logits that linearScores made, so that a loss can send its gradient past them. */
  readonly heads: WeakMap<Tensor, Head>;
  /** Row maxima of scores that more than one loss looks at. */
  readonly tops: WeakMap<Tensor, Float32Array>;
}
