import { request } from './api.ts';
import { connection, onConnection } from './connection.ts';

const FIRST_MS = 1000;
const LONGEST_MS = 15_000;

export interface ServerEvent {
  id: string;
  type: string;
  data: string;
}

/**
 * Follows server-sent events until the api has no more of them; a stream that breaks goes on after the last event, each time after
 * a longer pause. EventSource could not send the key.
 * @param path such as `/jobs/ID/events`
 * @param after id of the last event that is known, '' for all
 * @throws ApiError that no further try would mend, such as 404
 */
export async function follow(
  path: string,
  onEvent: (event: ServerEvent) => void,
  signal: AbortSignal,
  after = '',
): Promise<void> {
  let last = after;
  let waitMs = FIRST_MS;
  while (!signal.aborted) {
    try {
      const headers = { accept: 'text/event-stream', ...(last !== '' && { 'last-event-id': last }) };
      const answer = await request('GET', path, { headers, signal });
      // 204: nothing more will come.
      if (answer.status === 204 || !answer.body) return;
      for await (const event of eventsOf(answer.body)) {
        if (event.id !== '') last = event.id;
        waitMs = FIRST_MS;
        onEvent(event);
      }
    } catch (error) {
      if (signal.aborted) return;
      const { status = 0 } = error as { status?: number };
      if (status >= 400 && status < 500 && status !== 401 && status !== 429) throw error;
    }
    await pause(waitMs, signal);
    waitMs = Math.min(LONGEST_MS, waitMs * 1.6);
  }
}

/** Waits, and in any case until the api can be asked. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await until(signal, (done) => {
    const timer = setTimeout(done, ms);
    return () => clearTimeout(timer);
  });
  if (connection() === 'up' || signal.aborted) return;
  await until(signal, (done) => onConnection((state) => state === 'up' && done()));
}

/** @param begin calls `done` when it is time, and answers with how to stop waiting */
function until(signal: AbortSignal, begin: (done: () => void) => () => void): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stop();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const stop = begin(done);
    signal.addEventListener('abort', done);
  });
}

async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      text += decoder.decode(value, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop()!;
      for (const block of blocks) {
        const event = parseEvent(block);
        if (event) yield event;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** One event of a stream; null for comments and for what only sets the pause. */
function parseEvent(block: string): ServerEvent | null {
  const event = { id: '', type: 'message', data: [] as string[] };
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const value = line.slice(colon + 1).replace(/^ /, '');
    const field = line.slice(0, colon);
    if (field === 'id') event.id = value;
    if (field === 'event') event.type = value;
    if (field === 'data') event.data.push(value);
  }
  return event.data.length === 0 ? null : { ...event, data: event.data.join('\n') };
}
