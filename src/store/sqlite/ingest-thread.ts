// A thread that adds interactions to a SQLite file. Started by ingest-writer.ts.
import { parentPort, workerData } from 'node:worker_threads';
import { failureOf } from '../../core/failure.ts';
import type { InteractionBatch } from '../batch.ts';
import { type Connection, inTransaction, openIngestConnection, untilFree } from './connection.ts';
import { toStoreError } from './errors.ts';
import type { FromIngestThread, ToIngestThread } from './ingest-messages.ts';
import { insertBatch } from './insert.ts';

const { file } = workerData as { file: string };
const process = parentPort!;
let connection: Connection | undefined;

process.on('message', (message: ToIngestThread) => {
  if (message.kind === 'add') {
    void add(message.batch);
    return;
  }
  connection?.database.close();
  process.close();
});

async function add(batch: InteractionBatch): Promise<void> {
  try {
    connection ??= await untilFree(() => openIngestConnection(file));
    const open = connection;
    const accepted = await inTransaction(open, () => insertBatch(open, batch));
    send({ accepted }, [accepted.buffer]);
  } catch (error) {
    send({ failure: failureOf(toStoreError(error)) });
  }
}

function send(answer: FromIngestThread, memory: ArrayBuffer[] = []): void {
  process.postMessage(answer, memory);
}
