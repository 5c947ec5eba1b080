import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { decompress } from '../../ingest/unpack/decompress.ts';
import type { App } from '../app-type.ts';
import type { InteractionStreamTiming } from '../deps.ts';
import { type Packing, packingOf } from '../jobs/import-shape.ts';
import type { AddedRows } from './add-interactions.ts';
import { type Outcome, type StreamOptions, storeLines } from './interaction-results.ts';

export const NDJSON = 'application/x-ndjson';

const DEFAULT_TIMING: InteractionStreamTiming = { pauseMs: 50, unreadMs: 60_000, lingerMs: 2_000 };
/** After so long without a byte the system asks whether the sender is still there. */
const KEEP_ALIVE_MS = 60_000;
const ANSWERS_AHEAD_BYTES = 65_536;

interface StreamDeps {
  add(rows: readonly unknown[]): Promise<AddedRows>;
  timing: InteractionStreamTiming | undefined;
}

/**
 * Lets a scope take JSON lines of any length as the body, and answers them while they come. Either side waits for the
 * other: nothing more is read while the answers are not.
 */
export function acceptInteractionStream(app: App, { add, timing = DEFAULT_TIMING }: StreamDeps) {
  const closing = new AbortController();
  app.addContentTypeParser(NDJSON, (_request, payload, done) => done(null, payload));
  // A stream may have no end of its own: without this the server would wait for it when it closes.
  app.addHook('preClose', async () => closing.abort());

  return async (request: FastifyRequest, reply: FastifyReply, results: StreamOptions['results']) => {
    const source = request.body as Readable;
    const leave = () => leaveUnread(request, reply, timing.lingerMs);
    const packing = packingOf(request.headers['content-encoding']);
    // A packed stream that is broken must not take the connection with it: its sender is to hear why.
    const bytes = source.iterator({ destroyOnReturn: false });
    const answers = storeLines(packing === '' ? bytes : unpackedLines(bytes, packing), {
      results,
      add: async (rows) => withOutcomes(rows, await add(rows)),
      pauseMs: timing.pauseMs,
      stop: closing.signal,
      onFailure: (failure) => {
        request.log.warn({ err: failure }, 'a stream of interactions ended early');
        leave();
      },
    });
    // Until something is answered a failure has its own status.
    const first = await answers.next().catch((error) => {
      leave();
      throw error;
    });
    request.raw.socket.setKeepAlive(true, KEEP_ALIVE_MS);
    endWhenUnread(reply, timing.unreadMs);
    return reply
      .header('cache-control', 'no-store')
      .header('x-accel-buffering', 'no')
      .type(NDJSON)
      .send(
        Readable.from(startingWith(first, answers), {
          objectMode: false,
          highWaterMark: ANSWERS_AHEAD_BYTES,
        }),
      );
  };
}

function unpackedLines(bytes: AsyncIterable<Uint8Array>, packing: Packing): AsyncIterable<Uint8Array> {
  const said = { name: `lines${packing}`, format: 'ndjson' } as const;
  return decompress(Buffer.alloc(0), Readable.from(bytes, { objectMode: false }), said);
}

async function* startingWith(first: IteratorResult<string>, rest: AsyncGenerator<string>) {
  if (!first.done) yield first.value;
  yield* rest;
}

function withOutcomes(rows: readonly unknown[], { rejected, outcomes, warnings }: AddedRows) {
  const reasons = new Map(rejected.map(({ index, reason }) => [index, reason]));
  const good = outcomes.values();
  const all = rows.map((_, index): Outcome => {
    const reason = reasons.get(index);
    return reason === undefined ? good.next().value! : { reason };
  });
  return { outcomes: all, warnings };
}

/** A sender that never reads its answers would hold the connection for ever. One that only pauses may stay. */
function endWhenUnread({ raw }: FastifyReply, unreadMs: number): void {
  raw.setTimeout(unreadMs, () => {
    if (raw.writableNeedDrain) raw.socket?.destroy();
  });
}

/**
 * Ends the connection when the answer is out although the sender goes on. What still comes is dropped for a moment:
 * a connection that is cut with bytes unread may take the answer with it.
 */
function leaveUnread({ raw: request }: FastifyRequest, { raw: reply }: FastifyReply, lingerMs: number): void {
  if (request.complete) return;
  reply.once('finish', () => {
    request.resume();
    setTimeout(() => request.complete || request.socket.destroy(), lingerMs).unref();
  });
}
