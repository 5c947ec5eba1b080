import type { DistillationSpec } from './distillation-spec.ts';
import { splitProblem } from './split-spec.ts';

/** What a schema cannot say: the first contradiction in a job, named by its field, or null. */
export function distillationProblem(spec: DistillationSpec): string | null {
  return lossProblem(spec) ?? typesProblem(spec) ?? splitProblem(spec.dataset?.split);
}

function lossProblem(spec: DistillationSpec): string | null {
  const losses = spec.distillation?.losses;
  if (!losses) return null;
  const kinds = losses.map((loss) => loss.kind);
  const repeated = kinds.findIndex((kind, i) => kinds.indexOf(kind) !== i);
  if (repeated >= 0) {
    return `distillation.losses[${repeated}].kind ${kinds[repeated]} is there twice; add up the weights in one`;
  }
  if (losses.every((loss) => loss.weight === 0)) {
    return 'distillation.losses must have a weight > 0 in at least one loss; all are 0';
  }
  const odd = losses.findIndex((loss) => loss.kind !== 'softLabels' && loss.temperature !== undefined);
  if (odd < 0) return null;
  return `distillation.losses[${odd}].temperature belongs to softLabels; leave it out for ${kinds[odd]}`;
}

function typesProblem(spec: DistillationSpec): string | null {
  const types = spec.dataset?.types;
  if (!types || Object.values(types).some((rule) => rule.weight !== 0)) return null;
  return 'dataset.types must name at least one type with a weight > 0; leave it out to count every type';
}
