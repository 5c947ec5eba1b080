import { setTimeout as sleep } from 'node:timers/promises';

export interface Client {
  /** Asks one api after the other until one answers below 500, as a client with retries does. Text is sent as it is. */
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Follows a job's stream to its end, over lost connections; the numbers of the events in the order they came. */
  follow(jobId: string, signal: AbortSignal): Promise<number[]>;
}

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape.
  body: any;
}

const PAUSE_MS = 200;
/** Two apis and two workers that start at once on a busy machine take more than a minute, and are hit again meanwhile. */
const PATIENCE_MS = 420_000;
const REQUEST_MS = 10_000;

export function createClient(urls: readonly string[]): Client {
  let turn = 0;
  const nextUrl = () => urls[turn++ % urls.length]!;

  async function tryOnce(method: string, path: string, body: unknown, headers: Record<string, string>) {
    const response = await fetch(nextUrl() + path, {
      method,
      headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(REQUEST_MS),
    });
    return { status: response.status, body: await response.json() };
  }

  return {
    async send(method, path, body, headers = {}) {
      const deadline = Date.now() + PATIENCE_MS;
      let last = 'no answer';
      while (Date.now() < deadline) {
        try {
          const answer = await tryOnce(method, path, body, headers);
          // 409: another try of the same request is still being answered, or was cut off.
          if (answer.status < 500 && answer.status !== 409 && answer.status !== 429) return answer;
          last = JSON.stringify(answer);
        } catch (error) {
          last = String(error);
        }
        await sleep(PAUSE_MS);
      }
      throw new Error(`${method} ${path} was not answered within ${PATIENCE_MS / 1000} s: ${last}`);
    },

    async follow(jobId, signal) {
      const seen: number[] = [];
      let isOver = false;
      while (!isOver && !signal.aborted) {
        try {
          const response = await fetch(`${nextUrl()}/jobs/${jobId}/events`, {
            headers: {
              accept: 'text/event-stream',
              ...(seen.length > 0 && { 'last-event-id': String(seen.at(-1)) }),
            },
            signal,
          });
          if (response.status === 204) break;
          if (!response.ok || !response.body) throw new Error(String(response.status));
          isOver = await readEvents(response.body, seen);
        } catch {
          await sleep(PAUSE_MS);
        }
      }
      return seen;
    },
  };
}

/** @returns whether the job's last event was among them */
async function readEvents(body: ReadableStream<Uint8Array>, seen: number[]): Promise<boolean> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) {
    const blocks = (text + decoder.decode(chunk, { stream: true })).split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const id = /^id: ?(\d+)$/m.exec(block)?.[1];
      if (id === undefined) continue;
      seen.push(Number(id));
      if (/"state":"(succeeded|failed|cancelled)"/.test(block)) return true;
    }
  }
  return false;
}
