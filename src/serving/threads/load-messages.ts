import type { Manifest } from '../../artifact/student/manifest.ts';
import type { StudentWeights } from '../../artifact/student/student-weights.ts';
import type { Failure } from '../../core/failure.ts';
import type { PackedStudent } from '../../scoring/student-scorer.ts';

export type ToLoadThread =
  /** One at a time. */
  | { kind: 'load'; key: string; scratches: number }
  /** The file that the thread has asked for. */
  | { kind: 'file'; bytes: Uint8Array }
  | { kind: 'no file'; failure: Failure };

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
