import type { FastifyRequest } from 'fastify';

/** Names who asks, for what is counted per caller: the key, and without one the address. */
export function callerOf({ keyId, ip }: Pick<FastifyRequest, 'keyId' | 'ip'>): string {
  return keyId === undefined ? `address ${ip}` : `key ${keyId}`;
}
