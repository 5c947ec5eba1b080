import { LOSSES } from './loss-spec.ts';

/**
 * A job's spec, or the settings in a report, with losses by the names of today. Specs enter by requests, and are stored with
 * jobs, schedules and versions. What has no losses by former names stays the very same.
 */
export function withCurrentNames<S>(spec: S): S {
  const { distillation } = asObject(spec);
  const { losses } = asObject(distillation);
  if (!Array.isArray(losses)) return spec;
  const now = losses.map(current);
  if (now.every((loss, i) => loss === losses[i])) return spec;
  return { ...spec, distillation: { ...asObject(distillation), losses: now } };
}

function current(loss: unknown): unknown {
  const { kind: former, ...options } = asObject(loss);
  for (const { kind, formerly } of LOSSES) {
    if (formerly === undefined || formerly.kind !== former) continue;
    const read = formerly.read ? formerly.read(options) : options;
    if (read) return { kind, ...read };
  }
  return loss;
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
