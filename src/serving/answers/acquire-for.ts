import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../core/errors.ts';
import type { Variant } from '../../domain/answers/recommendation.ts';
import type { LiveModel, LiveTask } from '../models/live-model.ts';
import { type ServingDeps, taskOf } from './serving-deps.ts';

interface Asked {
  model?: string | undefined;
  version?: string | undefined;
  task?: string | undefined;
}

/** A request waits so long for a version that it may mean. */
const NEWS_MS = 5000;

/** A model with the variant that it answers as, where there is traffic. */
export interface Answering {
  model: LiveModel | null;
  task: LiveTask | null;
  /** Why there is no model; empty where there is one. */
  absence: string;
  variant?: Variant;
}

/**
 * The model and the task that a request means. Whoever was told that a job has succeeded may ask before this process has heard of its
 * version: what is not there is looked for in the registry before it is refused.
 * @param who user or visitor, who decides about the variant where the request names no version
 * @throws problem('not-found') without the model or the version, problem('invalid-request') without the task
 */
export async function acquireFor(
  { liveModels }: Pick<ServingDeps, 'liveModels'>,
  { model: name, version, task }: Asked,
  who: string | null = null,
): Promise<Answering> {
  const { items } = liveModels;
  const find = async () => {
    const assigned = version === undefined ? items.assigned(name, who) : null;
    const own = await assigned?.own?.load().catch(() => null);
    const model = own ?? (await items.acquire(name, version));
    const variant = own || !assigned?.own ? assigned?.variant : assigned.instead;
    const absence = model ? '' : liveModels.absence(name);
    return { model, task: taskOf(model, task), absence, ...(variant && { variant }) };
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
