import { createRng } from '../../../src/core/rng.ts';
import type { openDocument } from '../open-api.ts';
import { judge } from './judge.ts';
import { type HostileRequest, hostileRequest, type Known, operationsOf } from './requests.ts';
import { NoAnswer, sendHostile } from './send.ts';

export interface Storm {
  url: string;
  opened: ReturnType<typeof openDocument>;
  requests: number;
  seed: number;
  known: Known;
  /** Sent with a request unless it has one of its own; each in turn, undefined for none. */
  keys?: readonly (string | undefined)[];
  /** Beyond it a request counts as hanging. */
  patienceMs: number;
  atOnce?: number;
}

export interface StormResult {
  /** `GET /items 200` -> how often */
  counts: Map<string, number>;
  /** Answers that must not be, each with its request, ready to be sent again. */
  faults: string[];
}

/** Sends seeded hostile requests, every operation in turn, and holds each answer to the document. */
export async function raiseStorm(storm: Storm): Promise<StormResult> {
  const { opened, keys = [undefined], atOnce = 4 } = storm;
  const rng = createRng(storm.seed);
  const operations = operationsOf(opened.document);
  const counts = new Map<string, number>();
  const faults: string[] = [];
  // Made before any is sent: the same seed makes the same requests, whatever the answers take.
  const requests = Array.from({ length: storm.requests }, (_, i) => {
    const request = hostileRequest(rng, operations[i % operations.length]!, storm.known);
    const key = keys[Math.floor(i / operations.length) % keys.length];
    return key === undefined ? request : { ...request, headers: { 'x-api-key': key, ...request.headers } };
  });
  let next = 0;
  async function sendSome(): Promise<void> {
    while (next < requests.length) {
      const request = requests[next++]!;
      const wrong = await findWrong(request);
      if (wrong) faults.push(`${wrong}\n  ${describe(request)}`);
    }
  }
  async function findWrong(request: HostileRequest): Promise<string | null> {
    try {
      const answer = await sendHostile(storm.url, request, storm.patienceMs);
      const what = `${request.method} ${request.template} ${answer.status}`;
      counts.set(what, (counts.get(what) ?? 0) + 1);
      return judge(opened, request, answer);
    } catch (error) {
      if (error instanceof NoAnswer) return error.message;
      throw error;
    }
  }
  await Promise.all(Array.from({ length: atOnce }, sendSome));
  return { counts, faults };
}

/** One line, cut where a body is long. */
function describe({ method, path, headers, body }: HostileRequest): string {
  const { 'x-api-key': _, ...shown } = headers;
  const parts = [method, path.slice(0, 600), JSON.stringify(shown).slice(0, 300)];
  return [...parts, body === undefined ? '' : JSON.stringify(body.toString('utf8').slice(0, 1000))].join(' ');
}
