import { problem } from '../../core/errors.ts';
import type { Parameters } from './parameters.ts';

export interface Validation {
  /** Higher is better. */
  metric(): number | Promise<number>;
  /** Evaluates after every n-th epoch and after the last; default 1. */
  every?: number;
  /** Evaluations without a better metric after which training stops; default: never stops, but the best weights still win. */
  patience?: number;
}

export interface EarlyStoppingState {
  bestEpoch: number;
  bestMetric: number;
  bestValues: Record<string, Float32Array>;
  /** Evaluations since the best one. */
  waited: number;
}

/** Watches a validation metric, remembers the weights that gave the best one and says when patience has run out. */
export function createEarlyStopping(
  validation: Validation,
  parameters: Parameters,
  resumed?: EarlyStoppingState,
) {
  const { every = 1, patience = Number.POSITIVE_INFINITY } = validation;
  let state = resumed;

  return {
    get exhausted(): boolean {
      return (state?.waited ?? 0) >= patience;
    },
    get best(): { epoch: number; metric: number } | undefined {
      return state && { epoch: state.bestEpoch, metric: state.bestMetric };
    },
    state: () => state,
    async afterEpoch(epoch: number, isLast: boolean): Promise<number | undefined> {
      if (epoch % every !== 0 && !isLast) return undefined;
      const metric = await validation.metric();
      if (Number.isNaN(metric)) {
        throw problem('training-diverged', `the validation metric is NaN after epoch ${epoch}`, { epoch });
      }
      if (!state || metric > state.bestMetric) {
        state = { bestEpoch: epoch, bestMetric: metric, bestValues: parameters.readAll(), waited: 0 };
      } else {
        state = { ...state, waited: state.waited + 1 };
      }
      return metric;
    },
    restoreBest(): void {
      if (!state) return;
      for (const [name, values] of Object.entries(state.bestValues)) parameters.write(name, values);
    },
  };
}
