import type { Failure } from '../../core/failure.ts';
import type { InteractionBatch } from '../data/batch.ts';
import type { Click } from '../registry/contract.ts';

/** Each is one call; the next one comes when it is answered. */
export type ToIngestThread =
  | { kind: 'add'; batch: InteractionBatch }
  /** `served` as JSON: one text is handed over many times faster than thousands of small ones. */
  | { kind: 'record'; served: string; limit: number }
  | { kind: 'click'; clicks: readonly Click[]; at: number }
  | { kind: 'close' };

/** `accepted` as of insertBatch; of other calls nothing is told. */
export type FromIngestThread = { accepted: Uint8Array<ArrayBuffer> } | { failure: Failure };
