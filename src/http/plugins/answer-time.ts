import type { IncomingMessage, ServerResponse } from 'node:http';
import type { App } from '../app-type.ts';

const CHECK_MS = 1_000;
/** Open for as long as somebody looks, and bounded by number. */
const EVENTS = 'text/event-stream';

/** Ends connections whose answers are not taken within the time, however slowly their reader takes them. */
export function boundAnswers({ server }: App, mostMs: number): void {
  if (mostMs === 0) return;
  /** Responses that are not over, each with its request and the moment at which that was whole; the oldest first. */
  const open = new Map<ServerResponse, { request: IncomingMessage; since: number }>();
  server.on('request', (request, response) => {
    open.set(response, { request, since: performance.now() });
    response.once('close', () => open.delete(response));
  });
  const timer = setInterval(
    () => {
      const now = performance.now();
      for (const [response, { request, since }] of open) {
        if (now - since < mostMs) break;
        open.delete(response);
        // While a body comes it has limits of its own.
        if (!request.complete) open.set(response, { request, since: now });
        else if (!String(response.getHeader('content-type')).startsWith(EVENTS)) request.socket.destroy();
      }
    },
    Math.min(CHECK_MS, mostMs),
  );
  timer.unref();
  server.once('close', () => clearInterval(timer));
}
