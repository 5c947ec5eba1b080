import { messageOf } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { Secrets } from '../../core/secrets.ts';
import type { WebhookAddresses } from '../../core/webhook-address.ts';
import { pauseAfter } from '../../domain/notices/backoff.ts';
import type { ClaimedDelivery, FailedAttempt, WebhookStore } from '../../store/notices/contract.ts';
import type { Span, Tracer } from '../../tracing/contract.ts';
import { post } from './post.ts';
import { signedHeaders } from './sign.ts';

const TIMEOUT_MS = 10_000;
/** Longer than an attempt can take: who has a delivery for so long and says nothing was killed. */
const LEASE_MS = 30_000;

export interface DeliverDeps {
  webhooks: Pick<WebhookStore, 'claim' | 'delivered' | 'failed'>;
  addresses: WebhookAddresses;
  secrets: Pick<Secrets, 'unseal'>;
  logger: Logger;
  tracer?: Tracer | undefined;
  signal: AbortSignal;
  now?: () => number;
  timeoutMs?: number;
  leaseMs?: number;
  /** From 0 to 1. */
  chance?: () => number;
}

/** Tries a delivery once, if it is due and nobody else has it, and writes down what came of it. */
export async function deliver(deliveryId: string, deps: DeliverDeps): Promise<void> {
  const { webhooks, logger, tracer, leaseMs = LEASE_MS } = deps;
  const claimed = await webhooks.claim(deliveryId, leaseMs);
  if (!claimed) return;
  const about = { webhook: claimed.webhookId, delivery: claimed.id, attempt: claimed.attempt };
  const span = tracer?.start('deliver webhook', {
    kind: 'client',
    parent: claimed.trace,
    attributes: {
      'stillhouse.webhook.id': about.webhook,
      'stillhouse.delivery.id': about.delivery,
      'stillhouse.delivery.attempt': about.attempt,
    },
  });
  const outcome = await attempt(claimed, deps, span);
  span?.set({ 'http.response.status_code': outcome.status ?? undefined });
  span?.end('error' in outcome ? outcome.error : undefined);
  if ('error' in outcome) {
    await webhooks.failed(claimed, outcome);
    logger.warn({ ...about, reason: outcome.error, isOver: outcome.nextAt === null }, 'a webhook failed');
    return;
  }
  await webhooks.delivered(claimed, outcome.status);
  logger.info({ ...about, status: outcome.status }, 'a webhook is delivered');
}

async function attempt(
  delivery: ClaimedDelivery,
  deps: DeliverDeps,
  span: Span | undefined,
): Promise<{ status: number } | FailedAttempt> {
  const { addresses, secrets, signal, now = Date.now, timeoutMs = TIMEOUT_MS, chance = Math.random } = deps;
  const { id, url, body } = delivery;
  const failure = (error: string, status: number | null, askedMs = 0): FailedAttempt => {
    const pause = pauseAfter(delivery.attempt, chance(), askedMs);
    return { error, status, nextAt: pause === null ? null : now() + pause };
  };
  try {
    const secret = secretOf(delivery, secrets);
    const headers = {
      ...signedHeaders(secret, { id, timestamp: Math.floor(now() / 1000), body }),
      ...span?.context,
    };
    const { status, retryAfterMs } = await post(url, body, headers, { addresses, timeoutMs, signal });
    if (status >= 200 && status < 300) return { status };
    if (status === 410) {
      const error = 'The answer was 410: nobody wants it there any more.';
      return { error, status, nextAt: null, disable: error };
    }
    const why = status >= 300 && status < 400 ? '; redirects are not followed' : '';
    return failure(`The answer was ${status}${why}.`, status, retryAfterMs);
  } catch (error) {
    // An attempt that we ended ourselves counts for nothing against the receiver.
    if (signal.aborted) return { error: messageOf(error), status: null, nextAt: now() };
    return failure(messageOf(error), null);
  }
}

function secretOf({ secret, webhookId }: ClaimedDelivery, secrets: Pick<Secrets, 'unseal'>): string {
  try {
    return secrets.unseal(secret, webhookId);
  } catch {
    throw new Error(
      'The secret was encrypted under another SECRETS_KEY: api and workers need the same, or one DATA_DIR; or give the webhook a new secret.',
    );
  }
}
