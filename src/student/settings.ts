import type { Activation, Normalization } from '../artifact/student/student-weights.ts';
import type { Quantization } from '../domain/students/quantization.ts';
import type { StudentKind } from '../domain/students/student-spec.ts';

export interface EncoderSettings {
  /** Newest items that are looked at. */
  length: number;
  heads: number;
}

export interface StudentSettings {
  kind: StudentKind;
  dimensions: number;
  /** Width h of the layer between history and user vector; null for none. */
  hidden: number | null;
  /** True where both sides share one item matrix. */
  tied: boolean;
  itemBias: boolean;
  normalization: Normalization;
  activation: Activation;
  /** Weight of an item by that of the one after it, for a fold-in student of sequences; 1 where it is absent. */
  recency?: number;
  /** Says that the user's vector is solved, see Solver; it is a sum where this is absent. */
  user?: 'solved';
  /** Settings of the sequence encoder, for the kind 'sequential' only. */
  encoder?: EncoderSettings;
  quantization: Quantization;
  /** Codes in each codebook, for the quantization pq. */
  codes: number;
  codeWidth: number;
}
