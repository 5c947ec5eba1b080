import type { ArtifactStore } from '../../artifact/store/store.ts';
import { keepAt } from '../../core/keep-at.ts';
import type { Logger } from '../../core/logger.ts';
import type { ModelStore } from '../../store/registry/contract.ts';

const INTERVAL_MS = 60_000;
const AT_ONCE = 100;

interface CollectDeps {
  models: Pick<ModelStore, 'names' | 'keeps' | 'retain' | 'collectable' | 'collected'>;
  artifacts: Pick<ArtifactStore, 'remove'>;
  /** Number of versions to keep of models that have none of their own; unset: all are kept. */
  keepVersions?: number | undefined;
  logger: Logger;
}

/** Deletes versions that nobody wants to keep, and removes the artifacts of deleted ones, until the signal. */
export async function keepCollecting(
  deps: CollectDeps & { signal: AbortSignal; intervalMs?: number },
): Promise<void> {
  const { signal, logger, intervalMs = INTERVAL_MS } = deps;
  await keepAt(() => collectVersions(deps, signal), {
    ...{ signal, intervalMs },
    onFailure: (reason) => logger.warn({ reason }, 'old versions could not be collected; it is tried again'),
  });
}

/** Does so once. Any number of workers may do it at the same time, and be killed at any moment: each step may be repeated. */
export async function collectVersions(deps: CollectDeps, signal?: AbortSignal): Promise<void> {
  const { models, artifacts, logger } = deps;
  for (const model of await models.names()) {
    if (signal?.aborted) return;
    const keep = (await models.keeps(model)) ?? deps.keepVersions;
    const deleted = keep === undefined ? [] : await models.retain(model, keep);
    if (deleted.length > 0) logger.info({ model, versions: deleted, keep }, 'old versions are deleted');
  }
  for (const version of await models.collectable(AT_ONCE)) {
    if (signal?.aborted) return;
    // The record after the files: killed in between, the files are removed again.
    await artifacts.remove(version.artifact);
    await models.collected([version]);
    logger.info(
      { model: version.model, version: version.version },
      'the artifact of a deleted version is removed',
    );
  }
}
