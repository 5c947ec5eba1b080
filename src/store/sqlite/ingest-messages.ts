import type { Failure } from '../../core/failure.ts';
import type { InteractionBatch } from '../batch.ts';

export type ToIngestThread = { kind: 'add'; batch: InteractionBatch } | { kind: 'close' };

/** `accepted` as of insertBatch. */
export type FromIngestThread = { accepted: Uint8Array<ArrayBuffer> } | { failure: Failure };
