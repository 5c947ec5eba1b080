import type { FastifyRequest } from 'fastify';
import { problem } from '../../core/errors.ts';
import type { App } from '../app-type.ts';
import { isLoopback } from '../loopback.ts';

const HOST = /^(?:\[([^\]]+)\]|([^:@]+))(?::\d+)?$/;
const LONGEST_QUOTE = 80;

/**
 * Without API keys the loopback address is the only lock, and a browser on this machine is behind it: any page that
 * it shows could send requests here, or read answers once its own name points to 127.0.0.1 (DNS rebinding).
 */
export function installLocalOnly(app: App): void {
  app.addHook('onRequest', async (request) => {
    refuseForeignHost(request.headers.host);
    refuseForwarded(request);
    if (isFromAnotherSite(request) && !isLink(request)) {
      throw problem(
        'not-local',
        "A browser sent this for a page of another site. Without API keys only this service's own pages may do that; set API_KEYS and send a key.",
      );
    }
  });
}

/** HTTP/1.0 may go without Host; no browser does. */
function refuseForeignHost(host: string | undefined): void {
  if (host === undefined) return;
  const match = HOST.exec(host);
  if (isLoopback(match?.[1] ?? match?.[2] ?? '')) return;
  throw problem(
    'not-local',
    `The Host header is ${JSON.stringify(host.slice(0, LONGEST_QUOTE))}. Without API keys this service answers only as localhost, 127.0.0.1 or [::1]; use one of them, or set API_KEYS and send a key.`,
  );
}

/** A proxy on this machine lets in whoever reaches it, and to us all of them are this machine. */
function refuseForwarded({ headers }: FastifyRequest): void {
  const name = Object.keys(headers).find((one) => one === 'forwarded' || one.startsWith('x-forwarded-'));
  if (name === undefined) return;
  throw problem(
    'not-local',
    `The request came through a proxy: it has the header ${name}. Without API keys everybody who reaches that proxy could do everything; set API_KEYS and send a key.`,
  );
}

/** Another port of this machine is another site too: who listens there is unknown. */
function isFromAnotherSite({ headers }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  const { origin } = headers;
  return origin !== undefined && hostOf(origin) !== headers.host?.toLowerCase();
}

/** Following a link changes nothing here, and the other page cannot see where it leads. */
function isLink({ method, headers }: FastifyRequest): boolean {
  return (
    (method === 'GET' || method === 'HEAD') &&
    headers['sec-fetch-mode'] === 'navigate' &&
    headers['sec-fetch-dest'] === 'document'
  );
}

/** `null` is what sandboxed frames and local files send. */
function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}
