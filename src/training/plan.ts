import type { SplitPlan } from '../dataset/split.ts';
import type { DistillSettings } from '../distillation/distill.ts';
import type { Transfer } from '../distillation/transfer.ts';
import { completeDistillation } from '../domain/complete-distillation.ts';
import type { DistillationSpec } from '../domain/distillation-spec.ts';
import { DEFAULT_WEIGHTING, type Weighting } from '../domain/weighting.ts';
import type { RecallDenominator } from '../evaluation/metrics.ts';
import type { FoldInSettings } from '../student/settings.ts';
import type { TeacherSettings } from '../teacher/registry.ts';
import { type DataSize, planEpochs } from './plan-epochs.ts';
import { planDropout, planLosses } from './plan-losses.ts';
import { planRoundedEpochs, planStudent } from './plan-student.ts';
import { planTeacher } from './plan-teacher.ts';

/** A job with nothing left open. It goes into the report, so that the run can be repeated. */
export interface TrainingSettings {
  teacher: TeacherSettings;
  student: FoldInSettings;
  distillation: DistillSettings & { transfer: Transfer; learningRate: number };
  /** The control: the same student without a teacher, with settings that suit it, not the distilled one's. */
  alone: DistillSettings & { learningRate: number; weightDecay: number };
  ks: number[];
  recallDenominator: RecallDenominator;
  /** Evaluations on validation without a better one after which training stops. */
  patience: number;
}

/** Types that are named leave the others out; without names every type counts. */
export function planWeighting(spec: DistillationSpec): Weighting {
  const halfLifeDays = spec.dataset?.halfLifeDays ?? null;
  const named = spec.dataset?.types;
  if (!named) return { ...DEFAULT_WEIGHTING, halfLifeDays };
  const types = Object.fromEntries(
    Object.entries(named).map(([type, rule]) => [type, { ...rule, weight: rule.weight ?? 1 }]),
  );
  return { types, otherTypes: 0, halfLifeDays };
}

export function planSplit(spec: DistillationSpec): SplitPlan {
  return completeDistillation(spec).dataset.split;
}

export function planSeed(spec: DistillationSpec): number {
  return completeDistillation(spec).distillation.seed;
}

export function planAlias(spec: DistillationSpec): string {
  return completeDistillation(spec).publish.alias;
}

/**
 * Fills in what the job leaves open, by the size of the data. Chosen on the validation part of MovieLens-100K: wider
 * teachers gave nothing more, and without a teacher the student needs strong weight decay to be the best control that
 * it can be.
 */
export function planTraining(spec: DistillationSpec, size: DataSize): TrainingSettings {
  const complete = completeDistillation(spec);
  const { distillation, evaluation } = complete;
  const teacher = planTeacher(spec, size);
  const losses = planLosses(distillation.losses, size.items);
  const batchSize = distillation.batchSize ?? (size.users < 5000 ? 128 : 256);
  const epochs = distillation.epochs ?? planEpochs(size.users, batchSize);
  const learningRate = distillation.learningRate ?? 0.01;
  return {
    teacher,
    student: planStudent(complete, size.items),
    distillation: {
      losses,
      transfer: distillation.transfer ?? 'svd',
      epochs,
      batchSize,
      learningRate,
      dropout: distillation.dropout ?? planDropout(losses),
      roundedEpochs: planRoundedEpochs(complete, epochs),
    },
    alone: {
      losses: [{ kind: 'hardLabels', weight: 1 }],
      epochs,
      batchSize,
      learningRate,
      dropout: 0.5,
      roundedEpochs: planRoundedEpochs(complete, epochs),
      weightDecay: 1,
    },
    ks: [...new Set(evaluation.k)].sort((a, b) => a - b),
    recallDenominator: evaluation.recallDenominator,
    patience: 10,
  };
}
