import { isNothing, type Scheduled, scheduleProblem } from '../../base/scheduled.ts';
import { type LossSpec, lossOf } from '../../losses/loss-spec.ts';
import type { TeacherKind } from '../../teachers/kind.ts';
import { findKind } from '../../teachers/teacher-spec.ts';
import type { DistillationSpec } from '../distillation-spec.ts';

/** The first contradiction in a job's losses, named by its field, or null. */
export function lossProblem(spec: DistillationSpec): string | null {
  const losses = spec.distillation?.losses;
  const dislikes = dislikesProblem(spec);
  if (dislikes !== null || !losses) return dislikes;
  return (
    repeatedProblem(losses) ??
    weightsProblem(losses) ??
    settingsProblem(losses) ??
    hiddenProblem(losses, findKind(spec.teacher?.kind))
  );
}

function dislikesProblem({
  task = 'single-label',
  tasks,
  labels,
  distillation,
}: DistillationSpec): string | null {
  if (!distillation?.dislikes) return null;
  const isRanking = (task === 'single-label' || task === 'sequential') && !tasks && !labels;
  if (isRanking) return null;
  return 'distillation.dislikes lowers what a teacher says of items that one task ranks; leave it out with several tasks, labels and ratings';
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
  if (!counting.every(comparesLayers)) return null;
  return `distillation.losses has only ${counting.map(({ kind }) => kind).join(', ')}, which compare hidden layers and train no scores; add one such as rankLabels or softLabels`;
}

function settingsProblem(losses: readonly LossSpec[]): string | null {
  for (const [i, loss] of losses.entries()) {
    const field = `distillation.losses[${i}]`;
    const { weight, temperature }: { weight?: Scheduled; temperature?: Scheduled } = loss;
    const found =
      lossOf(loss.kind).problem?.(loss, field) ??
      scheduleProblem(`${field}.weight`, weight, true) ??
      scheduleProblem(`${field}.temperature`, temperature, false);
    if (found) return found;
  }
  return null;
}

/** Only of a teacher that certainly has no hidden layer; the others are looked at when they are trained. */
function hiddenProblem(losses: readonly LossSpec[], teacher: TeacherKind | undefined): string | null {
  const at = losses.findIndex(comparesLayers);
  if (at < 0 || teacher === undefined || teacher.layers) return null;
  return `distillation.losses[${at}].kind ${losses[at]!.kind} needs a teacher with a hidden layer, which ${teacher.kind} has not; use softmax or autoencoder, or a loss on scores such as rankLabels`;
}

function comparesLayers({ kind }: LossSpec): boolean {
  return lossOf(kind).learnsFrom === 'hiddenLayer';
}
