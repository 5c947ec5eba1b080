import type { IncomingHttpHeaders } from 'node:http';
import { problem } from '../../core/errors.ts';
import type { RouteScope } from '../../domain/keys/scope.ts';
import { requireScope } from '../api-keys.ts';
import type { KeyRing, KnownKey } from './key-ring.ts';

/** The key that a request sends; undefined where it sends none. */
export function presentedKey(headers: IncomingHttpHeaders, asksInBrowser: boolean): string | undefined {
  if (asksInBrowser) {
    const basic = /^Basic +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
    // Only there: a browser sends a password that it knows along with what other sites make it ask.
    if (basic)
      return Buffer.from(basic, 'base64').toString('utf8').split(':').slice(1).join(':') || undefined;
  }
  const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '');
  if (bearer) return bearer[1];
  const header = headers['x-api-key'];
  return typeof header === 'string' && header !== '' ? header : undefined;
}

/** @throws problem 401 without a known key, 403 where the key lacks the scope or belongs to pages of other origins */
export async function letIn(
  ring: KeyRing,
  presented: string | undefined,
  scope: RouteScope,
  headers: IncomingHttpHeaders,
  noteKey: (key: KnownKey) => void,
): Promise<void> {
  if (presented === undefined)
    throw problem('unauthorized', 'Send an API key: "Authorization: Bearer <key>" or "x-api-key: <key>".');
  const key = await ring.find(presented);
  // Also of one who is refused below: the audit says who tried.
  noteKey(key);
  requireScope(key.scopes, scope, 'This');
  refuseOrigin(key, headers);
}

/** A browser says which page a request comes from; a key for pages alone is of no use elsewhere. */
function refuseOrigin({ origins }: KnownKey, headers: IncomingHttpHeaders): void {
  if (origins.length === 0) return;
  const { origin } = headers;
  if (origin !== undefined && origins.includes(origin.toLowerCase())) return;
  // Requests of a page to the host that it came from have no Origin where they only read.
  if (origin === undefined && headers['sec-fetch-site'] === 'same-origin') return;
  const came =
    origin === undefined ? 'has no Origin' : `has the Origin ${JSON.stringify(origin.slice(0, 80))}`;
  throw problem(
    'forbidden',
    `This key is for pages of ${origins.join(', ')} alone, and the request ${came}.`,
  );
}
