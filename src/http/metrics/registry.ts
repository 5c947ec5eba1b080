import { collectDefaultMetrics, Registry } from 'prom-client';
import type { App } from '../app-type.ts';
import type { Answered, Counts } from '../counts.ts';
import type { AppDeps } from '../deps.ts';
import { createCounts } from './create-counts.ts';
import { describeDisk } from './disk.ts';
import { timeRequests } from './requests.ts';
import { describeState } from './state.ts';

export interface Metrics {
  registry: Registry;
  counts: Counts;
  answered(): Promise<Answered[]>;
}

/** Counts what the app does, for routes/metrics.ts. Each app has a registry of its own, so that two in one process don't mix. */
export function installMetrics(
  app: App,
  deps: Pick<AppDeps, 'store' | 'models' | 'queue' | 'caches' | 'traffic' | 'disk'>,
): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  timeRequests(app, registry);
  describeState(registry, deps);
  if (deps.disk) describeDisk(registry, deps.disk);
  return { registry, ...createCounts(registry) };
}
