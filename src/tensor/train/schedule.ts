import { problem } from '../../core/errors.ts';

export interface Schedule {
  kind: 'constant' | 'linear' | 'cosine';
  /** Steps during which the rate climbs from 0 to full. */
  warmupSteps?: number;
  /** Length of the whole decay; needed by linear and cosine. */
  totalSteps?: number;
  /** Share of the full rate that is left at `totalSteps`; default 0. */
  finalFraction?: number;
}

/** Share of the full learning rate at a step (the first step is 0), in [0, 1]. */
export function scheduleFactor(schedule: Schedule | undefined, step: number): number {
  if (!schedule) return 1;
  const warmup = schedule.warmupSteps ?? 0;
  if (step < warmup) return (step + 1) / warmup;
  if (schedule.kind === 'constant') return 1;
  const total = schedule.totalSteps;
  if (!total || total < 1) {
    throw problem(
      'invalid-training-input',
      `a ${schedule.kind} schedule needs totalSteps >= 1, got ${total}`,
    );
  }
  const final = schedule.finalFraction ?? 0;
  const progress = Math.min(1, (step - warmup) / Math.max(1, total - warmup));
  const shape = schedule.kind === 'linear' ? 1 - progress : (1 + Math.cos(Math.PI * progress)) / 2;
  return final + (1 - final) * shape;
}
