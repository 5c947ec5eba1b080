import type { Manifest } from '../../artifact/manifest.ts';
import type { StudentWeights } from '../../artifact/student-weights.ts';
import { AppError, messageOf, type ProblemCode, problem } from '../../core/errors.ts';
import type { PackedStudent } from '../student-scorer.ts';

/** An error on its way between threads. */
export interface Failure {
  /** Null: none of ours. */
  code: ProblemCode | null;
  detail: string;
}

export type ToLoadThread = { bytes: Uint8Array } | { failure: Failure };

export type FromLoadThread =
  | { kind: 'get'; key: string }
  | { kind: 'failed'; failure: Failure }
  | {
      kind: 'loaded';
      manifest: Manifest;
      weights: StudentWeights;
      packed: PackedStudent;
      ids: EncodedIds;
    };

/** UTF-8, one id after the other, and where each ends. */
export interface EncodedIds {
  bytes: Uint8Array;
  ends: Uint32Array;
}

export function failureOf(error: unknown): Failure {
  if (error instanceof AppError) return { code: error.code, detail: error.detail };
  return { code: null, detail: messageOf(error) };
}

export function toError({ code, detail }: Failure): Error {
  return code === null ? new Error(detail) : problem(code, detail);
}
