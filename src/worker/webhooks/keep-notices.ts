import { keepAt } from '../../core/keep-at.ts';
import type { Logger } from '../../core/logger.ts';
import type { DriftStore } from '../../store/drift/contract.ts';
import type { NoticeStore, WebhookStore } from '../../store/notices/contract.ts';

const DAY_MS = 86_400_000;
/** Days for which notices are kept, deliveries that are over, and checks of drift. */
const KEPT_DAYS = 90;
const STEP_ROWS = 1000;
const INTERVAL_MS = 3_600_000;

interface KeepDeps {
  notices: Pick<NoticeStore, 'forget'>;
  webhooks: Pick<WebhookStore, 'forget'>;
  drift: Pick<DriftStore, 'forget'>;
  logger: Logger;
  now: () => number;
  signal: AbortSignal;
  intervalMs?: number;
}

/** Forgets old notices, deliveries and checks of drift, now and every hour, until the signal. */
export async function keepNotices(deps: KeepDeps): Promise<void> {
  const { notices, webhooks, drift, logger, now, signal, intervalMs = INTERVAL_MS } = deps;
  const forget = async () => {
    const before = now() - KEPT_DAYS * DAY_MS;
    for (const table of [webhooks, notices, drift]) {
      while (!signal.aborted && (await table.forget(before, STEP_ROWS)) === STEP_ROWS);
    }
  };
  await keepAt(forget, {
    ...{ signal, intervalMs },
    onFailure: (reason) => logger.warn({ reason }, 'old notices could not be removed; it is tried again'),
  });
}
