// A thread that scans item matrices whose memory it shares with the process. Started by scan-threads.ts.
import { parentPort, workerData } from 'node:worker_threads';
import type { RowMask } from '../../scoring/scan/blocked-rows.ts';
import { openKernel, type ScanKernel } from '../../scoring/scan/kernel.ts';
import type { PackedMatrix } from '../../scoring/scan/packed-matrix.ts';

export type ToScanThread =
  | { kind: 'open'; matrix: number; packed: PackedMatrix }
  | { kind: 'close'; matrix: number }
  | {
      kind: 'scan';
      id: number;
      matrix: number;
      vector: Float32Array;
      k: number;
      leftOut: Int32Array[];
      mask?: { id: number; allowed: Uint8Array };
    };

export interface FromScanThread {
  id: number;
  rows: Int32Array;
  scores: Float32Array;
}

/** Filters that were used last; a kernel keeps its own form of each. */
const MOST_MASKS = 8;

const { scratch } = workerData as { scratch: number };
const kernels = new Map<number, ScanKernel>();
const masks = new Map<number, RowMask>();

parentPort!.on('message', (message: ToScanThread) => {
  if (message.kind === 'open') {
    kernels.set(message.matrix, openKernel(message.packed, scratch));
  } else if (message.kind === 'close') {
    kernels.delete(message.matrix);
  } else {
    const { id, matrix, vector, k, leftOut, mask } = message;
    const kernel = kernels.get(matrix)!;
    for (const rows of leftOut) kernel.exclude(rows);
    const { rows, scores, length } = kernel.topK(vector, k, mask && keepMask(mask));
    const answer: FromScanThread = { id, rows: rows.slice(0, length), scores: scores.slice(0, length) };
    parentPort!.postMessage(answer);
  }
});

function keepMask({ id, allowed }: { id: number; allowed: Uint8Array }): RowMask {
  const mask = masks.get(id) ?? { allowed };
  masks.delete(id);
  masks.set(id, mask);
  if (masks.size > MOST_MASKS) masks.delete(masks.keys().next().value!);
  return mask;
}
