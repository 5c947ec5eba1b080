import { type LossSpec, lossOf } from '../../losses/loss-spec.ts';
import { type LabelsSpec, learnsSets } from '../../tasks/labels-spec.ts';
import { splitsInstead } from '../../tasks/split-spec.ts';
import { storedSpec, widthsOf } from '../../teachers/teacher-spec.ts';
import type { DistillationSpec } from '../distillation-spec.ts';

const STUDENT_OPTIONS: readonly string[] = ['kind', 'dimensions', 'quantization', 'quantizationAware'];
const LOSS_OPTIONS: readonly string[] = ['kind', 'weight', 'temperature'];

/** The first part of a job that the task multi-label cannot use, or that only it can, named by its field, or null. */
export function labelsProblem(spec: DistillationSpec): string | null {
  const { task, labels } = spec;
  if (task !== 'multi-label') return strayProblem(spec);
  if (!labels) {
    return 'labels is missing; the task multi-label needs to know which, such as {"of":"items","from":"categories"}';
  }
  if (spec.tasks) {
    return 'tasks are several kinds of behaviour of one student that ranks; leave it out for "task": "multi-label"';
  }
  const wrong = sourceProblem(labels) ?? successorProblem(spec);
  if (wrong !== null) return wrong;
  return learnsSets(spec)
    ? setsProblem(spec)
    : (widthProblem(spec) ?? partsProblem(spec) ?? splitProblem(spec) ?? usersProblem(spec));
}

function strayProblem({ labels, distillation }: DistillationSpec): string | null {
  if (labels) return 'labels belongs to the task multi-label; add "task": "multi-label", or leave it out';
  const linked = (distillation?.losses ?? []).findIndex((loss) => 'link' in loss && loss.link === 'sigmoid');
  if (linked < 0) return null;
  return `distillation.losses[${linked}].link sigmoid takes scores for the logits of single items; add "task": "multi-label" and "labels": {"of":"users","from":"items"}, or leave it out`;
}

function sourceProblem({ of, from, features = [] }: LabelsSpec): string | null {
  const isFeature = from.startsWith('features.') && from.length > 'features.'.length;
  const own = of === 'items' ? ['labels', 'categories'] : ['items'];
  if (!isFeature && !own.includes(from)) {
    const right = `${own.join(', ')} or features.NAME`;
    return `labels.from must be ${right} for the labels of ${of}; got ${JSON.stringify(from)}`;
  }
  const leak = features.findIndex((name) => name === from || `features.${name}` === from);
  if (leak < 0) return null;
  return `labels.features[${leak}] is ${features[leak]}, which is what is to be predicted; leave it out`;
}

function usersProblem({ evaluation }: DistillationSpec): string | null {
  if (evaluation?.unseenUsers === undefined) return null;
  return 'evaluation.unseenUsers does not apply to labels: nothing of the entities of the test is trained on anyway; leave it out';
}

/** A version of a model as the teacher. */
function successorProblem(spec: DistillationSpec): string | null {
  const stored = storedSpec(spec.teacher);
  if (!stored) return null;
  if (learnsSets(spec)) {
    return 'teacher.kind stored gives no probabilities of labels; sets of items take {"kind":"multilabel"}';
  }
  if (stored.part === 'student') {
    return 'teacher.part student does not apply to labels, whose successors learn from the stored teacher; leave it out';
  }
  if (spec.labels?.features === undefined) return null;
  return 'labels.features does not apply to a successor, which reads the features of the version that teaches; leave it out';
}

/** The student is one that recommends, and may be all that such a one may. */
function setsProblem({ labels, teacher, distillation }: DistillationSpec): string | null {
  const odd = (['names', 'minimum', 'features'] as const).find((name) => labels![name] !== undefined);
  if (odd) return `labels.${odd} does not apply to from items, whose labels are the items; leave it out`;
  if (widthsOf(teacher)?.length === 0)
    return 'teacher.hidden must name the width of at least one layer, such as [600]';
  for (const [i, loss] of (distillation?.losses ?? []).entries()) {
    const { link, top, samples } = loss as { link?: string; top?: number; samples?: number };
    if (link !== 'sigmoid' || (top === undefined && samples === undefined)) continue;
    return `distillation.losses[${i}].${top !== undefined ? 'top' : 'samples'} does not apply to link sigmoid, which is over the whole catalogue; leave it out`;
  }
  return null;
}

/** Beside the labels of items and users there is one hidden layer. */
function widthProblem({ teacher }: DistillationSpec): string | null {
  const hidden = widthsOf(teacher);
  if (hidden === undefined || hidden.length === 1) return null;
  return `teacher.hidden must name one width for labels, such as [512]; got [${hidden}]`;
}

function partsProblem({ student, distillation, features }: DistillationSpec): string | null {
  if (features)
    return 'features is for students that recommend; what labels are read from is labels.features';
  const odd = Object.keys(student ?? {}).find((name) => !STUDENT_OPTIONS.includes(name));
  if (odd !== undefined) {
    return `student.${odd} does not apply to labels; their student has dimensions and quantizationAware`;
  }
  if ((student?.kind ?? 'fold-in') !== 'fold-in' || (student?.quantization ?? 'int8') !== 'int8') {
    return 'student.kind is fold-in and student.quantization int8 for labels; leave them out';
  }
  const { losses = [], transfer = 'none', freeze } = distillation ?? {};
  if (transfer !== 'none' || freeze) {
    const field = freeze ? 'freeze' : `transfer ${transfer}`;
    return `distillation.${field} does not apply to labels, whose student starts from random numbers; leave it out`;
  }
  for (const [i, loss] of losses.entries()) {
    const wrong = lossProblem(loss, `distillation.losses[${i}]`);
    if (wrong !== null) return wrong;
  }
  return null;
}

function lossProblem(loss: LossSpec, field: string): string | null {
  if (!lossOf(loss.kind).tasks.includes('multi-label')) {
    return `${field}.kind ${loss.kind} compares orders; labels have softLabels (the teacher's probabilities) and hardLabels (the known ones)`;
  }
  const odd = Object.keys(loss).find((name) => !LOSS_OPTIONS.includes(name));
  if (odd !== undefined) return `${field}.${odd} does not apply to labels; weight and temperature do`;
  const { weight, temperature }: { weight?: unknown; temperature?: unknown } = loss;
  const planned = Object.entries({ weight, temperature }).find(([, value]) => typeof value === 'object')?.[0];
  return planned ? `${field}.${planned} must be a number for labels; it has no schedule` : null;
}

/** Shares are looked at with any split. */
function splitProblem({ labels, dataset }: DistillationSpec): string | null {
  const instead = splitsInstead(dataset?.split, 'multi-label');
  if (instead === null) return null;
  return `dataset.split.strategy ${dataset!.split!.strategy} holds out interactions, and labels are held out with the ${labels!.of} that have them: use ${instead}`;
}
