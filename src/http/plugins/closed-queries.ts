import { Type } from 'typebox';
import type { App } from '../app-type.ts';

const NONE = Type.Object({}, { additionalProperties: false });

/**
 * Refuses names in a query that a route does not know: `?dryRun=true` on a route without it must not run anything. Before the
 * routes and the document that describes them. Probes and scrapes, which add names of their own, are let be.
 */
export function installClosedQueries(app: App): void {
  app.addHook('onRoute', (route) => {
    const { schema, config } = route;
    if (!schema || schema.hide || config?.quiet) return;
    const query = (schema.querystring ?? NONE) as object;
    route.schema = { ...schema, querystring: { ...query, additionalProperties: false } };
  });
}
