import type { FastifyRequest } from 'fastify';
import { problem } from '../../core/errors.ts';
import { isMet } from '../../domain/keys/scope.ts';
import { requireScope } from '../api-keys.ts';

/** Events of a page view or two. */
const MOST_ROWS = 100;

type Asked = Pick<FastifyRequest, 'scopes'>;

/**
 * Whoever opens a page has the key that its script uses. Contributions name what is in a user's history, which a key
 * for visitors must not tell of any id.
 * @throws problem('forbidden')
 */
export function refuseExplain({ scopes }: Asked, explain: boolean | undefined, userId: string | null): void {
  if (explain && userId !== null && scopes) requireScope(scopes, 'read', 'explain=true of a stored user');
}

/**
 * Lets a key without `events` add a few events of one visitor.
 * @param rows undefined for a stream, which has no end
 * @throws problem('forbidden') for anything else
 */
export function refuseForeignEvents({ scopes }: Asked, rows: readonly unknown[] | undefined): void {
  if (!scopes || isMet('events', scopes)) return;
  if (rows === undefined) throw problem('forbidden', 'A stream needs a key with the scope events.');
  if (rows.length > MOST_ROWS)
    throw problem(
      'forbidden',
      `A key with the scope recommend adds at most ${MOST_ROWS} events at a time, and these are ${rows.length}; more need the scope events.`,
    );
  const users = new Set(rows.map(userOf));
  if (users.size > 1)
    throw problem(
      'forbidden',
      'A key with the scope recommend adds events of one user at a time, and these are of several; that needs the scope events.',
    );
}

const userOf = (row: unknown) =>
  typeof row === 'object' && row !== null ? (row as { userId?: unknown }).userId : undefined;
