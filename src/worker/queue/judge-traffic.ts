import { keepAt } from '../../core/keep-at.ts';
import type { Logger } from '../../core/logger.ts';
import { endingOf } from '../../domain/traffic/observed.ts';
import { CONTROL } from '../../domain/traffic/traffic.ts';
import type { ModelStore } from '../../store/registry/contract.ts';
import type { TrafficStore } from '../../store/registry/traffic-contract.ts';

interface JudgeDeps {
  store: {
    traffic: Pick<TrafficStore, 'running' | 'observed' | 'end'>;
    models: Pick<ModelStore, 'alias'>;
  };
  logger: Logger;
  now: () => number;
  /** Called when a variant was stopped or promoted, so that api processes hear of it at once. */
  onEnded: () => void;
}

const INTERVAL_MS = 5_000;

/** Ends experiments whose time has come, until the signal. */
export async function keepJudgingTraffic(
  deps: JudgeDeps & { signal: AbortSignal; intervalMs?: number },
): Promise<void> {
  const { signal, logger, intervalMs = INTERVAL_MS } = deps;
  await keepAt(() => judgeTraffics(deps), {
    ...{ signal, intervalMs },
    onFailure: (reason) => logger.warn({ reason }, 'experiments could not be judged; it is tried again'),
  });
}

/** Does so once. Any number of workers may look at the same time: of those that want the same end one gets it. */
export async function judgeTraffics({ store, logger, now, onEnded }: JudgeDeps): Promise<void> {
  for (const traffic of await store.traffic.running()) {
    const { model, test } = traffic;
    const at = now();
    const users = test ? await store.traffic.observed(traffic, at) : {};
    const stable = await store.models.alias(model, CONTROL);
    const ending = endingOf(traffic, users, stable?.version ?? null, at);
    if (!ending || !(await store.traffic.end(traffic, ending))) continue;
    logger.info({ model, ...ending }, 'an experiment has ended');
    onEnded();
  }
}
