import type { FastifyRequest } from 'fastify';
import { problem } from '../core/errors.ts';
import type { Recommendation } from '../domain/answers/recommendation.ts';
import { IMPRESSION_TYPE } from '../domain/data/interaction.ts';
import { requireScope } from './api-keys.ts';
import type { AppDeps } from './deps.ts';

/** @throws problem('invalid-request') without a user, problem('forbidden') for a key that may store nothing */
export function refuseImpressions(request: FastifyRequest, userId: string | null): void {
  if (userId === null) {
    throw problem('invalid-request', 'impressions=true needs userId: whom the items are shown to.');
  }
  if (request.scopes) requireScope(request.scopes, 'session', 'impressions=true');
}

/** Stores that the items of an answer were shown. Asked again with the same answer it stores nothing more. */
export async function recordImpressions(
  { store, now }: Pick<AppDeps, 'store' | 'now'>,
  { userId, items, recommendationId }: Recommendation,
): Promise<void> {
  if (userId === null) return;
  const timestamp = now();
  await store.interactions.add(
    items.map(({ itemId }) => ({
      ...{ userId, itemId, type: IMPRESSION_TYPE, value: null, timestamp },
      ...{ eventId: recommendationId, received: true },
    })),
  );
}
