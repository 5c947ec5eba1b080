// A thread that writes to a SQLite file what comes often: interactions, and what was recommended. Started by ingest-writer.ts.
import { setTimeout } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { failureOf } from '../../core/failure.ts';
import type { InteractionBatch } from '../data/batch.ts';
import { partsByUser } from './by-user.ts';
import {
  type Connection,
  inTransaction,
  MAX_PAUSE_MS,
  openIngestConnection,
  untilFree,
} from './connection.ts';
import { toStoreError } from './errors.ts';
import type { FromIngestThread, ToIngestThread } from './ingest-messages.ts';
import { insertBatch } from './insert.ts';
import { recordClicks, recordServed } from './served.ts';

/** The number of rows from which on they are stored user by user. */
const MANY_ROWS = 5_000;
/** A transaction of less than half a second, for which other writers wait. */
const PART_ROWS = 40_000;
/** Pause between two transactions, in which other processes, which look again and again, get a moment to write. */
const YIELD_MS = 2 * MAX_PAUSE_MS;

const { file, busyMs } = workerData as { file: string; busyMs?: number };
const process = parentPort!;
let connection: Connection | undefined;

process.on('message', (message: ToIngestThread) => {
  if (message.kind !== 'close') {
    void answer(message);
    return;
  }
  connection?.database.close();
  process.close();
});

type Call = Exclude<ToIngestThread, { kind: 'close' }>;

async function answer(call: Call): Promise<void> {
  try {
    connection ??= await untilFree(() => openIngestConnection(file, busyMs));
    const accepted = await run(connection, call);
    send({ accepted }, [accepted.buffer]);
  } catch (error) {
    send({ failure: failureOf(toStoreError(error)) });
  }
}

async function run(open: Connection, call: Call): Promise<Uint8Array<ArrayBuffer>> {
  if (call.kind === 'add') {
    return call.batch.length < MANY_ROWS ? store(open, call.batch) : storeInParts(open, call.batch);
  }
  await inTransaction(open, () =>
    call.kind === 'record'
      ? recordServed(open, JSON.parse(call.served), call.limit)
      : recordClicks(open, call.clicks, call.at),
  );
  return new Uint8Array();
}

const store = (open: Connection, batch: InteractionBatch) =>
  inTransaction(open, () => insertBatch(open, batch));

/** Stores a batch part by part. When a part fails, those before it stay. */
async function storeInParts(open: Connection, batch: InteractionBatch): Promise<Uint8Array<ArrayBuffer>> {
  const accepted = new Uint8Array(batch.length);
  for (const { rows, batch: part } of partsByUser(open, batch, PART_ROWS)) {
    const ofPart = await store(open, part);
    for (let n = 0; n < rows.length; n++) accepted[rows[n]!] = ofPart[n]!;
    await setTimeout(YIELD_MS);
  }
  return accepted;
}

function send(answer: FromIngestThread, memory: ArrayBuffer[] = []): void {
  process.postMessage(answer, memory);
}
