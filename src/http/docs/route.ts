import type { FastifyContextConfig, FastifySchema, RouteOptions } from 'fastify';

/** A route as it was registered, as far as the document tells of it. */
export interface DocumentedRoute {
  method: string;
  url: string;
  bodyLimit: number | undefined;
  config: FastifyContextConfig;
  schema: FastifySchema;
}

export function documentedRoutes({
  method,
  url,
  bodyLimit,
  config,
  schema,
}: RouteOptions): DocumentedRoute[] {
  if (!schema?.operationId || schema.hide) return [];
  // HEAD goes without saying where there is GET.
  const methods = [method].flat().filter((one) => one !== 'HEAD');
  return methods.map((one) => ({ method: one, url, bodyLimit, config: config ?? {}, schema }));
}
