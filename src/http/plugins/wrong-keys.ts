import type { FastifyRequest } from 'fastify';
import { type AppError, problem } from '../../core/errors.ts';
import { createLocalCount } from './rate-limit.ts';

export type Slow = (error: AppError, request: FastifyRequest) => AppError;

/**
 * Turns the 401 of a wrong key into a 429 where an address has sent too many within a minute. Right keys are not held
 * up: others may share the address.
 * @param most 0 for no limit
 */
export function createSlowWrongKeys(most: number, now: () => number): Slow {
  const count = createLocalCount(now);
  return (error, request) => {
    const { authorization, 'x-api-key': header } = request.headers;
    if (most === 0 || error.code !== 'unauthorized' || (authorization ?? header) === undefined) return error;
    const { current, ttl } = count(request.ip);
    if (current <= most) return error;
    const seconds = Math.ceil(ttl / 1000);
    return problem(
      'rate-limited',
      `This address has sent ${most} wrong keys within a minute (WRONG_KEYS_PER_MINUTE); try again in ${seconds} seconds.`,
    );
  };
}
