import type { StoredPolicy } from '../../domain/answers/serving-policy.ts';
import type { PolicyStore } from '../../store/registry/contract.ts';
import type { Changes } from '../caches/changes.ts';
import { createTrustedRead } from './trusted-read.ts';

/** Policies of models: they hold for all answers, unless a request says otherwise. */
export interface CurrentPolicies {
  /** Null where nothing is said for the model. */
  of(model: string | undefined): Promise<StoredPolicy | null>;
  /** False where something is said for any model, or where that is not known without asking the database. */
  areAbsent(): boolean;
}

export function createCurrentPolicies(
  store: Pick<PolicyStore, 'list'>,
  changes?: Pick<Changes, 'subscribe' | 'areHeard'>,
): CurrentPolicies {
  const policies = createTrustedRead(() => store.list(), changes);
  return {
    of: async (model) => (await policies.get()).find((policy) => policy.model === model) ?? null,
    areAbsent: () => policies.peek()?.length === 0,
  };
}
