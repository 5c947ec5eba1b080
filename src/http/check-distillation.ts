import { problem } from '../core/errors.ts';
import type { DistillationSpec } from '../domain/distillation-spec.ts';

/** What a schema cannot say about a job. @throws problem('invalid-job') that names the field */
export function checkDistillation(spec: DistillationSpec): void {
  const losses = spec.distillation?.losses ?? [];
  const seen = new Set<string>();
  for (const [index, loss] of losses.entries()) {
    const field = `distillation.losses[${index}]`;
    if (seen.has(loss.kind))
      throw wrong(`${field}.kind ${loss.kind} is there twice; add up the weights in one`);
    if (loss.temperature !== undefined && loss.kind !== 'softLabels') {
      throw wrong(`${field}.temperature belongs to softLabels; leave it out for ${loss.kind}`);
    }
    seen.add(loss.kind);
  }
  if (losses.length > 0 && losses.every((loss) => loss.weight === 0)) {
    throw wrong('distillation.losses must have a weight > 0 in at least one loss; all are 0');
  }
  const types = Object.values(spec.dataset?.types ?? {});
  if (spec.dataset?.types && types.every((type) => type.weight === 0)) {
    throw wrong(
      'dataset.types must name at least one type with a weight > 0; leave it out to count every type',
    );
  }
}

function wrong(detail: string) {
  return problem('invalid-job', `${detail}.`);
}
