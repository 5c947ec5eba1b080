import { messageOf } from '../../core/errors.ts';
import { keepAt } from '../../core/keep-at.ts';
import type { Logger } from '../../core/logger.ts';
import type { DriftFigures, NewDriftCheck } from '../../domain/drift/drift-check.ts';
import { brokenLimits, DEFAULT_PAUSE_HOURS, DEFAULT_SAMPLE } from '../../domain/drift/drift-settings.ts';
import { nextRun } from '../../domain/jobs/cron.ts';
import type { ClaimedCheck, DriftStore, EndOfCheck } from '../../store/drift/contract.ts';
import type { Store } from '../../store/store.ts';
import { jobLikeThat } from './like-live.ts';

const INTERVAL_MS = 5_000;
/** A check of which nothing is heard for so long has lost its worker. */
const LEASE_MS = 60_000;
const RENEW_MS = 15_000;
const HOUR_MS = 3_600_000;

export interface DriftDeps {
  drift: Pick<DriftStore, 'claim' | 'renew' | 'record'>;
  models: Pick<Store['models'], 'get'>;
  jobs: Pick<Store['jobs'], 'get'>;
  /** Measures one model. */
  measure(model: string, sample: number, signal: AbortSignal): Promise<DriftFigures>;
  logger: Logger;
  now: () => number;
  mostQueued?: number | undefined;
}

/** Makes the checks that are due, one after the other, until the signal. Any number of workers may do it: in SQL one gets each. */
export async function keepDrift(
  deps: DriftDeps & { signal: AbortSignal; intervalMs?: number },
): Promise<void> {
  const { signal, logger, intervalMs = INTERVAL_MS } = deps;
  await keepAt(() => checkNext(deps, signal), {
    ...{ signal, intervalMs },
    onFailure: (reason) => {
      if (!signal.aborted) logger.warn({ reason }, 'drift could not be checked; it is tried again');
    },
  });
}

/** Makes one check, if one is due. @returns whether there was one */
export async function checkNext(deps: DriftDeps, signal: AbortSignal): Promise<boolean> {
  const { drift, logger, now } = deps;
  const claimed = await drift.claim(LEASE_MS);
  if (!claimed) return false;
  const { model, settings } = claimed;
  const check = await measured(claimed, deps, signal);
  // It is due again when the lease is over: another worker makes it.
  if (signal.aborted) return false;
  const nextAt = await nextRun(settings.cron, settings.timeZone ?? 'UTC', now());
  const retrain = check.state === 'drifted' ? await jobFor(claimed, check, deps) : null;
  const kept = await drift.record(claimed, { check, nextAt, retrain, mostQueued: deps.mostQueued });
  if (!kept) return true;
  const { state, broken, retraining } = kept;
  const said = { model, version: check.figures.version, broken: broken.map(({ text }) => text), retraining };
  if (state === 'drifted') logger.warn(said, 'a model has drifted');
  else logger.info({ ...said, state, notes: check.figures.notes }, 'drift is checked');
  return true;
}

async function measured(claimed: ClaimedCheck, deps: DriftDeps, signal: AbortSignal): Promise<NewDriftCheck> {
  const { model, settings } = claimed;
  const { sample = DEFAULT_SAMPLE, limits = {} } = settings;
  const { drift, logger } = deps;
  const lost = new AbortController();
  const timer = setInterval(() => {
    drift.renew(claimed, LEASE_MS).then(
      (isOurs) => {
        if (!isOurs) lost.abort();
      },
      (error) => logger.debug({ reason: messageOf(error) }, 'a check of drift could not be renewed'),
    );
  }, RENEW_MS);
  try {
    const figures = await deps.measure(model, sample, AbortSignal.any([signal, lost.signal]));
    const values = { ...figures, ndcg: figures.ndcg?.value, ndcgRetained: figures.ndcgRetained?.value };
    const broken = brokenLimits({ ...values, overlap: figures.overlap?.value }, limits);
    const isNothing = figures.ndcg === null && broken.length === 0;
    return { state: broken.length > 0 ? 'drifted' : isNothing ? 'not-measured' : 'fine', figures, broken };
  } catch (error) {
    // By the clock it comes again; what failed for good must not be tried without end.
    return { state: 'not-measured', figures: failed(messageOf(error)), broken: [] };
  } finally {
    clearInterval(timer);
  }
}

function failed(reason: string): DriftFigures {
  return {
    ...{ version: null, sampled: 0, users: 0, pairs: 0, ndcg: null, teacherNdcg: null, ndcgRetained: null },
    ...{ overlap: null, popularityShare: null, unknownItems: null },
    notes: [`The check failed: ${reason}`],
  };
}

async function jobFor(
  { model, settings, job, keyId }: ClaimedCheck,
  { figures }: NewDriftCheck,
  deps: DriftDeps,
): Promise<EndOfCheck['retrain']> {
  const { retrain = false, pauseHours = DEFAULT_PAUSE_HOURS } = settings;
  if (retrain === false) return null;
  const found = job ? { job } : await jobLikeThat(model, figures.version, keyId, deps);
  return 'reason' in found ? found : { ...found, pauseMs: pauseHours * HOUR_MS };
}
