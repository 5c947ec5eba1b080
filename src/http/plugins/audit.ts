import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Secrets } from '../../core/secrets.ts';
import { targetsOf } from '../access/audit-entry.ts';
import type { Audited, AuditLog } from '../access/audit-log.ts';
import type { AddressOf } from '../access/callers.ts';
import type { App } from '../app-type.ts';

/** Scopes of routes that change nothing, whatever their method is. */
const READING: readonly unknown[] = ['public', 'read', 'recommend'];
const REFUSED = [401, 403, 429];

/** Writes down who changed what: every request that may change something, and those that say `audited`. */
export function installAudit(
  app: App,
  log: AuditLog,
  addressOf: AddressOf,
  secrets: Pick<Secrets, 'pseudonym'>,
): void {
  app.addHook('onResponse', async (request, reply) => {
    const isRefused = REFUSED.includes(reply.statusCode);
    const how = howAudited(request);
    // Who was not let in is counted whatever was asked for.
    if (how === 'not' && !isRefused) return;
    const entry = entryOf(request, reply, addressOf, secrets);
    if (isRefused) log.count(entry);
    // Many visitors share a key: a row for each of their addresses would be one for each post.
    else if (how === 'counted') log.count({ ...entry, address: null });
    else log.add(entry);
  });
  app.addHook('onClose', () => log.close());
}

function howAudited({ method, routeOptions: { config } }: FastifyRequest): 'not' | 'whole' | 'counted' {
  const { audited, scope } = config ?? {};
  if (audited !== undefined) return audited;
  const changes = method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS';
  return changes && scope !== undefined && !READING.includes(scope) ? 'whole' : 'not';
}

function entryOf(
  request: FastifyRequest,
  reply: FastifyReply,
  addressOf: AddressOf,
  secrets: Pick<Secrets, 'pseudonym'>,
): Audited {
  return {
    keyId: request.keyId ?? null,
    keyName: request.keyName ?? null,
    address: addressOf(request),
    action: `${request.method} ${request.routeOptions.url ?? 'unknown'}`,
    targets: targetsOf(request, reply.getHeader('location'), secrets),
    status: reply.statusCode,
    requestId: request.id,
  };
}
