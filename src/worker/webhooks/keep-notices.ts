import { setTimeout } from 'node:timers/promises';
import { messageOf } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { NoticeStore, WebhookStore } from '../../store/notices/contract.ts';

const DAY_MS = 86_400_000;
/** Days for which notices are kept, and deliveries that are over. */
const KEPT_DAYS = 90;
const STEP_ROWS = 1000;
const INTERVAL_MS = 3_600_000;

interface KeepDeps {
  notices: Pick<NoticeStore, 'forget'>;
  webhooks: Pick<WebhookStore, 'forget'>;
  logger: Logger;
  now: () => number;
  signal: AbortSignal;
  intervalMs?: number;
}

/** Forgets old notices and deliveries, now and every hour, until the signal. */
export async function keepNotices(deps: KeepDeps): Promise<void> {
  const { notices, webhooks, logger, now, signal, intervalMs = INTERVAL_MS } = deps;
  while (!signal.aborted) {
    const before = now() - KEPT_DAYS * DAY_MS;
    try {
      for (const table of [webhooks, notices]) {
        while (!signal.aborted && (await table.forget(before, STEP_ROWS)) === STEP_ROWS);
      }
    } catch (error) {
      logger.warn({ reason: messageOf(error) }, 'old notices could not be removed; it is tried again');
    }
    await setTimeout(intervalMs, undefined, { signal, ref: false }).catch(() => {});
  }
}
