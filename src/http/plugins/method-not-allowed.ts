import { problem } from '../../core/errors.ts';
import type { App } from '../app-type.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** @returns a function that, called after the last route, answers 405 with Allow for all other methods of each path */
export function collectMethods(app: App): () => void {
  const byUrl = new Map<string, Set<string>>();
  let collecting = true;
  app.addHook('onRoute', ({ url, method }) => {
    if (!collecting || url.startsWith('/docs')) return;
    const known = byUrl.get(url) ?? new Set();
    for (const name of [method].flat()) known.add(name);
    byUrl.set(url, known);
  });
  return () => {
    collecting = false;
    for (const [url, known] of byUrl) refuseOthers(app, url, [...known].sort());
  };
}

function refuseOthers(app: App, url: string, allowed: string[]): void {
  const allow = allowed.join(', ');
  app.route({
    method: METHODS.filter((method) => !allowed.includes(method)),
    url,
    schema: { hide: true },
    config: { scope: 'public', rawBody: true },
    // Before the body is read: whatever is in it, the method is what is wrong.
    onRequest: async (request, reply) => {
      reply.header('allow', allow);
      throw problem('method-not-allowed', `${request.method} is not possible here; allowed are ${allow}.`);
    },
    handler: async () => {},
  });
}
