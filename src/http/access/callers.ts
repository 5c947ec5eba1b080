import type { FastifyRequest } from 'fastify';
import type { Config } from '../../core/config.ts';
import type { Secrets } from '../../core/secrets.ts';

/** Address of the sender as logs and the audit show it; null where they show none. */
export type AddressOf = (request: Pick<FastifyRequest, 'ip'>) => string | null;

/** @param mode the setting LOG_ADDRESSES; `hashed` gives a pseudonym, so that requests of one sender can be told together */
export function addressesAs(mode: Config['logAddresses'], secrets: Pick<Secrets, 'pseudonym'>): AddressOf {
  if (mode === 'off') return () => null;
  if (mode === 'plain') return ({ ip }) => ip ?? null;
  return ({ ip }) => (ip === undefined ? null : `addr_${secrets.pseudonym(ip)}`);
}
