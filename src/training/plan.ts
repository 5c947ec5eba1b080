import type { SplitPlan } from '../dataset/split.ts';
import type { DistillSettings } from '../distillation/distill.ts';
import type { LossSettings } from '../distillation/losses.ts';
import { DEFAULT_ALIAS, type DistillationSpec } from '../domain/distillation-spec.ts';
import { DEFAULT_WEIGHTING, type Weighting } from '../domain/weighting.ts';
import type { FoldInSettings } from '../student/fold-in.ts';
import type { SoftmaxSettings } from '../teacher/softmax.ts';

/** A job with nothing left open. It goes into the report, so that the run can be repeated. */
export interface TrainingSettings {
  teacher: SoftmaxSettings;
  student: FoldInSettings;
  distillation: DistillSettings & { transfer: 'svd' | 'none'; learningRate: number };
  /** The control: the same student without a teacher, with settings that suit it, not the distilled one's. */
  alone: DistillSettings & { learningRate: number; weightDecay: number };
  ks: number[];
  /** Evaluations on validation without a better one after which training stops. */
  patience: number;
}

export interface DataSize {
  users: number;
  items: number;
}

export const DEFAULT_SEED = 42;
const DEFAULT_KS = [10, 20];
/** Updates after which the softmax models stopped improving on the data sets that the rules were tried on. */
const TARGET_STEPS = 2000;

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
  const split = spec.dataset?.split;
  if (split?.strategy === 'leave-last-out') return { strategy: 'leave-last-out' };
  return {
    strategy: 'last-fraction',
    testFraction: split?.testFraction ?? 0.2,
    validationFraction: split?.validationFraction ?? 0.1,
  };
}

export function planSeed(spec: DistillationSpec): number {
  return spec.distillation?.seed ?? DEFAULT_SEED;
}

export function planAlias(spec: DistillationSpec): string {
  return spec.publish?.alias ?? DEFAULT_ALIAS;
}

/**
 * Fills in what the job leaves open, by the size of the data. Chosen on the validation part of MovieLens-100K: wider
 * teachers gave nothing more, a temperature above 1 and more weight on the hard labels cost the student NDCG, and
 * without a teacher it needs strong weight decay to be the best control that it can be.
 */
export function planTraining(spec: DistillationSpec, size: DataSize): TrainingSettings {
  const teacher = planTeacher(spec, size);
  const batchSize = spec.distillation?.batchSize ?? (size.users < 5000 ? 128 : 256);
  const epochs = spec.distillation?.epochs ?? planEpochs(size.users, batchSize);
  const learningRate = spec.distillation?.learningRate ?? 0.01;
  return {
    teacher,
    student: {
      kind: 'fold-in',
      dimensions: spec.student?.dimensions ?? 64,
      quantization: spec.student?.quantization ?? 'int8',
      normalization: 'l2',
      activation: 'identity',
    },
    distillation: {
      losses: planLosses(spec),
      transfer: spec.distillation?.transfer ?? 'svd',
      epochs,
      batchSize,
      learningRate,
      dropout: 0.2,
    },
    alone: {
      losses: [{ kind: 'hardLabels', weight: 1 }],
      epochs,
      batchSize,
      learningRate,
      dropout: 0.5,
      weightDecay: 1,
    },
    ks: [...new Set(spec.evaluation?.k ?? DEFAULT_KS)].sort((a, b) => a - b),
    patience: 10,
  };
}

function planTeacher(spec: DistillationSpec, { users, items }: DataSize): SoftmaxSettings {
  const batchSize = spec.teacher?.batchSize ?? (users < 5000 ? 256 : 512);
  return {
    kind: 'softmax',
    hidden: spec.teacher?.hidden ?? [items < 5000 ? 1000 : 600],
    epochs: spec.teacher?.epochs ?? planEpochs(users, batchSize),
    batchSize,
    learningRate: spec.teacher?.learningRate ?? 0.002,
    dropout: spec.teacher?.dropout ?? 0.5,
    weightDecay: spec.teacher?.weightDecay ?? 0.5,
  };
}

function planEpochs(users: number, batchSize: number): number {
  const steps = Math.max(1, Math.ceil(users / batchSize));
  return Math.min(60, Math.max(15, Math.ceil(TARGET_STEPS / steps)));
}

function planLosses(spec: DistillationSpec): LossSettings[] {
  const losses = spec.distillation?.losses;
  if (!losses) {
    return [
      { kind: 'softLabels', weight: 1, temperature: 1 },
      { kind: 'hardLabels', weight: 0.1 },
    ];
  }
  return losses
    .filter((loss) => loss.weight !== 0)
    .map((loss) =>
      loss.kind === 'softLabels'
        ? { kind: loss.kind, weight: loss.weight ?? 1, temperature: loss.temperature ?? 1 }
        : { kind: loss.kind, weight: loss.weight ?? 1 },
    );
}
