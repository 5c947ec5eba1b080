import { isNothing, scheduleProblem } from '../../base/scheduled.ts';
import { HIDDEN_LOSSES, LOSS_OPTIONS, type LossKind, type LossSpec } from '../../losses/loss-spec.ts';
import type { TeacherKind } from '../../teachers/kind.ts';
import { findKind } from '../../teachers/teacher-spec.ts';
import type { DistillationSpec } from '../distillation-spec.ts';

/** The first contradiction in a job's losses, named by its field, or null. */
export function lossProblem(spec: DistillationSpec): string | null {
  const losses = spec.distillation?.losses;
  if (!losses) return null;
  return (
    repeatedProblem(losses) ??
    weightsProblem(losses) ??
    firstProblem(losses, optionProblem) ??
    firstProblem(losses, settingsProblem) ??
    hiddenProblem(losses, findKind(spec.teacher?.kind))
  );
}

function firstProblem(
  losses: readonly LossSpec[],
  check: (loss: LossSpec, field: string) => string | null,
): string | null {
  for (const [i, loss] of losses.entries()) {
    const found = check(loss, `distillation.losses[${i}]`);
    if (found) return found;
  }
  return null;
}

function repeatedProblem(losses: readonly LossSpec[]): string | null {
  const kinds = losses.map((loss) => loss.kind);
  const repeated = kinds.findIndex((kind, i) => kinds.indexOf(kind) !== i);
  if (repeated < 0) return null;
  return `distillation.losses[${repeated}].kind ${kinds[repeated]} is there twice; add up the weights in one`;
}

function weightsProblem(losses: readonly LossSpec[]): string | null {
  const counting = losses.filter(({ weight }) => weight === undefined || !isNothing(weight));
  if (counting.length === 0) {
    return 'distillation.losses must have a weight > 0 in at least one loss; all are 0';
  }
  if (!counting.every(({ kind }) => HIDDEN_LOSSES.includes(kind))) return null;
  return `distillation.losses has only ${counting.map(({ kind }) => kind).join(', ')}, which compare hidden layers and train no scores; add one such as rankLabels or softLabels`;
}

function optionProblem(loss: LossSpec, field: string): string | null {
  const known: readonly string[] = LOSS_OPTIONS[loss.kind];
  const odd = Object.entries(loss).find(
    ([name, value]) => value !== undefined && name !== 'kind' && name !== 'weight' && !known.includes(name),
  )?.[0];
  if (!odd) return null;
  const owners = Object.entries(LOSS_OPTIONS).filter(([, names]) =>
    (names as readonly string[]).includes(odd),
  );
  const list = owners.map(([kind]) => kind).join(', ');
  return `${field}.${odd} belongs to ${list}; leave it out for ${loss.kind}`;
}

function settingsProblem(loss: LossSpec, field: string): string | null {
  const wantsSamples: LossKind[] = ['ranking', 'rce', 'correction'];
  if (loss.samples === 0 && wantsSamples.includes(loss.kind)) {
    return `${field}.samples must be at least 1: ${loss.kind} compares the teacher's list with other items`;
  }
  if (loss.kind === 'softLabels' && loss.top !== undefined && loss.samples === 0) {
    return `${field}.top does not apply when samples is 0: the divergence is then over the whole catalogue; leave one of the two out`;
  }
  return (
    scheduleProblem(`${field}.weight`, loss.weight, true) ??
    scheduleProblem(`${field}.temperature`, loss.temperature, false)
  );
}

/** Only of a teacher that certainly has no hidden layer; the others are looked at when they are trained. */
function hiddenProblem(losses: readonly LossSpec[], teacher: TeacherKind | undefined): string | null {
  const at = losses.findIndex(({ kind }) => HIDDEN_LOSSES.includes(kind));
  if (at < 0 || teacher === undefined || teacher.layers) return null;
  return `distillation.losses[${at}].kind ${losses[at]!.kind} needs a teacher with a hidden layer, which ${teacher.kind} has not; use softmax or autoencoder, or a loss on scores such as rankLabels`;
}
