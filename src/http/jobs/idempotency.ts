import { randomUUID } from 'node:crypto';
import { type Static, Type } from 'typebox';
import { problem } from '../../core/errors.ts';
import type { CreateOptions, IdempotencyStore, IdempotentRequest } from '../../store/jobs/contract.ts';

export const IdempotencyHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      'x-must-be': '1-255 letters, digits and signs of ASCII, without blanks',
      pattern: '^[\\x21-\\x7e]+$',
      description:
        'A text of your choice, unique per request. For 24 hours the same key with the same request is answered with the same job.',
      examples: ['7f3a9c1e'],
    }),
  ),
});
/** Several times within the lease of a reservation. */
const RENEW_MS = 1_500;

type Headers = Static<typeof IdempotencyHeaders>;

export interface Idempotent {
  store: IdempotencyStore;
  operation: string;
  headers: Headers;
  keyId: string | undefined;
}

/**
 * Starts a job once per key.
 * @param fingerprint of the request; when it was answered before, that is all that is asked for
 * @param start creates the job and says in `answers` for which request; not called when it was answered before
 * @throws problem 422 when the key belongs to another request, 409 while that is being answered
 */
export async function startOnce<T>(
  { store, operation, headers, keyId }: Idempotent,
  fingerprint: () => string | Promise<string>,
  start: (request: IdempotentRequest | undefined) => Promise<T>,
  answerAgain: (jobId: string) => Promise<T>,
): Promise<T> {
  const key = headers['idempotency-key'];
  if (key === undefined) return start(undefined);
  const request = { scope: `${keyId ?? ''} ${operation}`, key, owner: randomUUID() };
  const known = await store.begin(request);
  if (known.kind === 'in-flight') {
    throw problem(
      'conflict',
      `A request with the Idempotency-Key ${key} is being answered; try again in a moment.`,
    );
  }
  if (known.kind === 'done') {
    if ((await fingerprint()) === known.fingerprint) return answerAgain(known.jobId);
    throw problem(
      'idempotency-conflict',
      `The Idempotency-Key ${key} was sent before with another request; use a new key for a new request.`,
    );
  }
  // An upload may take minutes. Should a renewal fail, the creation of the job notices.
  const renewing = setInterval(() => void store.renew(request).catch(() => {}), RENEW_MS);
  try {
    return await start(request);
  } catch (error) {
    await store.forget(request);
    throw error;
  } finally {
    clearInterval(renewing);
  }
}

export function answersTo(
  request: IdempotentRequest | undefined,
  fingerprint: string,
): CreateOptions['answers'] {
  return request && { ...request, fingerprint };
}
