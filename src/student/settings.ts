import type { Activation, Normalization, Quantization } from '../artifact/student-weights.ts';

export interface FoldInSettings {
  kind: 'fold-in';
  dimensions: number;
  /** Width h of the layer between history and user vector; null for none. */
  hidden: number | null;
  /** Whether both sides share one item matrix. */
  tied: boolean;
  itemBias: boolean;
  normalization: Normalization;
  activation: Activation;
  quantization: Quantization;
  /** Of pq. */
  codes: number;
  codeWidth: number;
}
