import type { KeyRing } from '../access/key-ring.ts';
import type { LastUses } from '../access/last-uses.ts';
import { letIn, presentedKey } from '../access/let-in.ts';
import type { ApiKey } from '../api-keys.ts';
import type { App } from '../app-type.ts';

/** Without keys in the setting everything is open; bin/api then listens on loopback only. */
export function installAuth(app: App, setting: readonly ApiKey[], ring: KeyRing, lastUses: LastUses): void {
  app.addHook('onRoute', (route) => {
    // The plugin for other origins answers OPTIONS everywhere.
    if (route.config?.scope === undefined && !route.url.startsWith('/docs') && route.url !== '*') {
      throw new Error(`${route.method} ${route.url} must say in config.scope who may call it`);
    }
  });
  app.decorateRequest('keyId', undefined);
  app.decorateRequest('keyName', undefined);
  app.decorateRequest('scopes', undefined);
  app.addHook('onClose', () => lastUses.close());
  if (setting.length === 0) return;
  app.addHook('onRequest', async (request) => {
    const { scope = 'public', asksInBrowser = false } = request.routeOptions.config ?? {};
    if (scope === 'public') return;
    await letIn(ring, presentedKey(request.headers, asksInBrowser), scope, request.headers, (key) => {
      request.keyId = key.id;
      request.keyName = key.name;
      request.scopes = key.scopes;
      if (key.isStored) lastUses.note(key.id);
    });
  });
}
