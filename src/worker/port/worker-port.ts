import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import { messageOf } from '../../core/errors.ts';

export interface WorkerPortOptions {
  host: string;
  /** 0 for any that is free. */
  port: number;
  registry: Registry;
  /** Why it takes no jobs; null where it does. */
  whyNotReady(): Promise<string | null>;
}

export interface WorkerPort {
  port: number;
  close(): Promise<void>;
}

const JSON_TYPE = 'application/json; charset=utf-8';
const HEADERS_MS = 5_000;

/**
 * Answers `/health/live`, `/health/ready` and `/metrics`.
 * @throws Error of the system where the port is taken
 */
export async function openWorkerPort(options: WorkerPortOptions): Promise<WorkerPort> {
  const { host, port, registry, whyNotReady } = options;
  const pages: Record<string, (answer: ServerResponse) => Promise<void> | void> = {
    '/health/live': (answer) => send(answer, 200, JSON_TYPE, JSON.stringify({ status: 'alive' })),
    '/health/ready': async (answer) => {
      const reason = await whyNotReady();
      const body = reason === null ? { status: 'ready' } : { status: 'not-ready', reasons: [reason] };
      send(answer, reason === null ? 200 : 503, JSON_TYPE, JSON.stringify(body));
    },
    '/metrics': async (answer) => send(answer, 200, registry.contentType, await registry.metrics()),
  };
  const server = createServer(
    { headersTimeout: HEADERS_MS, requestTimeout: HEADERS_MS },
    (request, answer) => {
      const page = pages[pathOf(request)];
      if (!page || request.method !== 'GET') {
        const detail = `The worker answers GET ${Object.keys(pages).join(', ')} alone; the API is the api process's.`;
        return send(answer, 404, 'application/problem+json', JSON.stringify({ code: 'not-found', detail }));
      }
      Promise.resolve(page(answer)).catch((error) =>
        send(
          answer,
          503,
          'application/problem+json',
          JSON.stringify({ code: 'not-ready', detail: messageOf(error) }),
        ),
      );
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?', 1)[0]!;
}

function send(answer: ServerResponse, status: number, type: string, body: string): void {
  answer.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}
