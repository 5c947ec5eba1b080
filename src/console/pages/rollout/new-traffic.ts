import type { NewTraffic, TrafficMetric } from '../../../domain/traffic/traffic.ts';

/** Form for traffic as somebody has filled it in. */
export interface Draft {
  /** Alias or number of the version that gets a share; '' for none, with a shadow alone. */
  variant: string;
  /** Per cent of the users. */
  share: number;
  metric: TrafficMetric | '';
  days: number;
  experiment: string;
  shadow: string;
  reason: string;
}

export const NO_DRAFT: Draft = {
  variant: '',
  share: 10,
  metric: '',
  days: 28,
  experiment: '',
  shadow: '',
  reason: '',
};

/** The body of PUT /models/{name}/traffic. A test needs a variant, so that without one it is left out. */
export function trafficOf(draft: Draft): NewTraffic & { reason?: string } {
  const { variant, share, metric, days, experiment, shadow, reason } = draft;
  const shares: Record<string, number> =
    variant === '' ? { stable: 100 } : { stable: 100 - share, [variant]: share };
  return {
    shares,
    ...(experiment.trim() !== '' && { experiment: experiment.trim() }),
    ...(variant !== '' && metric !== '' && { test: { metric, endAfter: { days } } }),
    ...(shadow !== '' && { shadow: { version: shadow, sample: 0.1 } }),
    ...(reason.trim() !== '' && { reason: reason.trim() }),
  };
}

/** Why it cannot be sent yet; null where it can. */
export function draftProblem({ variant, shadow, share }: Draft): string | null {
  if (variant === '' && shadow === '')
    return 'Choose a version that gets a share, or one that runs along as a shadow.';
  if (!Number.isInteger(share) || share < 1 || share > 99)
    return 'The share must be a whole number from 1 to 99 per cent.';
  return null;
}
