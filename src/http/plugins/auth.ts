import type { FastifyRequest } from 'fastify';
import { type ApiKey, authorize } from '../api-keys.ts';
import type { App } from '../app-type.ts';

/** Without keys everything is open; bin/api then listens on loopback only. */
export function installAuth(app: App, keys: readonly ApiKey[]): void {
  app.addHook('onRoute', (route) => {
    // The plugin for other origins answers OPTIONS everywhere.
    if (route.config?.scope === undefined && !route.url.startsWith('/docs') && route.url !== '*') {
      throw new Error(`${route.method} ${route.url} must say in config.scope who may call it`);
    }
  });
  app.decorateRequest('keyId', undefined);
  app.decorateRequest('scopes', undefined);
  if (keys.length === 0) return;
  app.addHook('onRequest', async (request) => {
    const scope = request.routeOptions.config?.scope ?? 'public';
    if (scope === 'public') return;
    const { id, scopes } = authorize(keys, presentedKey(request), scope);
    request.keyId = id;
    request.scopes = scopes;
  });
}

function presentedKey(request: FastifyRequest): string | undefined {
  if (request.routeOptions.config?.asksInBrowser) {
    const basic = /^Basic +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    // Only there: a browser sends a password that it knows along with what other sites make it ask.
    if (basic) return Buffer.from(basic, 'base64').toString('utf8').split(':').slice(1).join(':');
  }
  const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '');
  if (bearer) return bearer[1];
  const header = request.headers['x-api-key'];
  return typeof header === 'string' && header !== '' ? header : undefined;
}
