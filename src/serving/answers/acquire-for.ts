import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../core/errors.ts';
import type { LiveModel, LiveTask } from '../models/live-model.ts';
import { type ServingDeps, taskOf } from './serving-deps.ts';

interface Asked {
  model?: string | undefined;
  version?: string | undefined;
  task?: string | undefined;
}

/** A request waits so long for a version that it may mean. */
const NEWS_MS = 5000;

/**
 * The model and the task that a request means. Whoever was told that a job has succeeded may ask before this process has heard of its
 * version: what is not there is looked for in the registry before it is refused.
 * @returns absence: why there is no model; empty where there is one
 * @throws problem('not-found') without the model or the version, problem('invalid-request') without the task
 */
export async function acquireFor(
  { liveModels }: Pick<ServingDeps, 'liveModels'>,
  { model: name, version, task }: Asked,
): Promise<{ model: LiveModel | null; task: LiveTask | null; absence: string }> {
  const find = async () => {
    const model = await liveModels.items.acquire(name, version);
    return { model, task: taskOf(model, task), absence: model ? '' : liveModels.absence(name) };
  };
  try {
    return await find();
  } catch (error) {
    if (!(error instanceof AppError) || !['not-found', 'invalid-request'].includes(error.code)) throw error;
    const late = new AbortController();
    await Promise.race([
      liveModels.refresh(),
      sleep(NEWS_MS, undefined, { signal: late.signal, ref: false }).catch(() => {}),
    ]);
    late.abort();
    return find();
  }
}
