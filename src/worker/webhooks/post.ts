import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { CODE_VERSION } from '../../core/version.ts';
import type { WebhookAddresses } from '../../core/webhook-address.ts';

/** Bytes of an answer that are read; nobody looks at them. */
const MOST_ANSWER_BYTES = 64 * 1024;

export interface PostOptions {
  addresses: WebhookAddresses;
  /** Milliseconds for all of it: the name, the connection and the answer. */
  timeoutMs: number;
  signal: AbortSignal;
}

export interface Answer {
  status: number;
  /** How long the receiver wants to be left alone. */
  retryAfterMs: number;
}

/**
 * Sends one delivery. It connects to the addresses that were checked and asks no name again, so that a host cannot be another one at
 * the second look. Redirects are not followed.
 * @throws Error that says why there was no answer
 */
export async function post(
  url: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  { addresses, timeoutMs, signal }: PostOptions,
): Promise<Answer> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  try {
    const found = await untilAborted(addresses.resolve(url), limited);
    const lookup: LookupFunction = (_host, options, done) => {
      const [first] = found;
      if (options.all) done(null, found);
      else done(null, first!.address, first!.family);
    };
    return await request(url, body, headers, { lookup, signal: limited });
  } catch (error) {
    if (signal.aborted) throw new Error('The worker stops; it is sent again.', { cause: error });
    if (limited.aborted) {
      throw new Error(`There was no answer within ${timeoutMs / 1000} seconds.`, { cause: error });
    }
    throw error;
  }
}

function request(
  url: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  { lookup, signal }: { lookup: LookupFunction; signal: AbortSignal },
): Promise<Answer> {
  const { request: send } = url.startsWith('https:') ? https : http;
  const bytes = Buffer.from(body);
  return new Promise((resolve, reject) => {
    const sent = send(
      url,
      {
        method: 'POST',
        lookup,
        signal,
        // A connection of its own: one that is kept would go to where the name led before.
        agent: false,
        headers: {
          ...headers,
          'content-type': 'application/json',
          'content-length': bytes.length,
          'user-agent': `Stillhouse/${CODE_VERSION}`,
          connection: 'close',
        },
      },
      (answer) => {
        const { statusCode = 0, headers: said } = answer;
        const done = () => {
          resolve({ status: statusCode, retryAfterMs: retryAfterMs(said['retry-after']) });
          answer.destroy();
        };
        let read = 0;
        answer.on('data', (chunk: Buffer) => {
          read += chunk.length;
          if (read > MOST_ANSWER_BYTES) done();
        });
        answer.on('end', done);
        // The status has arrived, and that is all that counts.
        answer.on('error', done);
      },
    );
    sent.on('error', reject);
    sent.end(bytes);
  });
}

/** @returns milliseconds; 0 where nothing was asked for that can be read */
function retryAfterMs(header: string | undefined): number {
  if (header === undefined) return 0;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds * 1000) : 0;
}

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
