import { problem } from '../../core/errors.ts';
import type { App } from '../app-type.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** @returns a function that, called after the last route, answers 405 with Allow for all other methods of each path */
export function collectMethods(app: App): () => void {
  const byUrl = new Map<string, Set<string>>();
  let collecting = true;
  app.addHook('onRoute', ({ url, method }) => {
    if (!collecting || url.startsWith('/docs') || url === '*') return;
    const known = byUrl.get(url) ?? new Set();
    for (const name of [method].flat()) known.add(name);
    byUrl.set(url, known);
  });
  return () => {
    collecting = false;
    for (const url of byUrl.keys()) refuseOthers(app, url, [...methodsOf(url, byUrl)].sort());
  };
}

/** A refusal on `/recommend/next` must not hide `/recommend/:userId`: a user may be called `next`. */
function methodsOf(url: string, byUrl: ReadonlyMap<string, ReadonlySet<string>>): Set<string> {
  return new Set([...byUrl].flatMap(([other, known]) => (takesIn(other, url) ? [...known] : [])));
}

/** True for the same path, and for one whose parameters can stand for the words of the other. */
function takesIn(general: string, url: string): boolean {
  const [places, words] = [general.split('/'), url.split('/')];
  return (
    places.length === words.length &&
    places.every((place, i) => place === words[i] || (place.startsWith(':') && !words[i]!.startsWith(':')))
  );
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
