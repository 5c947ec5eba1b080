import type { TaskSpec } from '../base/task-spec.ts';
import { completeLoss } from '../losses/complete-losses.ts';
import type { CompleteLoss } from '../losses/loss-spec.ts';
import type { StudentKind, StudentSpec } from '../students/student-spec.ts';
import type { DatasetSpec } from '../tasks/dataset-spec.ts';
import type { FeaturesSpec } from '../tasks/features-spec.ts';
import { learnsSets } from '../tasks/labels-spec.ts';
import { type CompleteSplit, completeSplit, type SplitSpec } from '../tasks/split-spec.ts';
import { type CompleteTeacher, completeTeacher, type TeacherSpec } from '../teachers/teacher-spec.ts';
import { DEFAULT_ALIAS, type DistillationSpec } from './distillation-spec.ts';
import { completeJobOptions } from './job-options.ts';

type Part<K extends keyof DistillationSpec> = NonNullable<DistillationSpec[K]>;
type With<T, K extends keyof T> = T & Required<Pick<T, K>>;

/** A job as it is accepted and kept: open is only what the size of the data decides, see training/plan.ts. */
export interface CompleteDistillation extends DistillationSpec {
  type: 'distillation';
  task: TaskSpec;
  dataset: Omit<DatasetSpec, 'split' | 'sample'> & {
    sample?: With<NonNullable<DatasetSpec['sample']>, 'seed'>;
    split: CompleteSplit;
  };
  teacher: CompleteTeacher;
  student: With<StudentSpec, 'quantization'>;
  distillation: Omit<With<Part<'distillation'>, 'seed'>, 'losses'> & { losses?: CompleteLoss[] };
  features?: With<FeaturesSpec, 'buckets'>;
  evaluation: With<Part<'evaluation'>, 'k' | 'recallDenominator' | 'refit'>;
  publish: With<Part<'publish'>, 'alias'>;
  priority: number;
}

const DEFAULT_SPLITS: Record<TaskSpec, SplitSpec> = {
  'single-label': { strategy: 'last-fraction' },
  sequential: { strategy: 'leave-last-out' },
  rating: { strategy: 'random' },
  'multi-label': { strategy: 'random' },
};

export const DEFAULT_STUDENTS: Record<TaskSpec, StudentKind> = {
  'single-label': 'fold-in',
  sequential: 'sequential',
  rating: 'fold-in',
  'multi-label': 'fold-in',
};

const DEFAULT_TEACHERS: Record<TaskSpec, TeacherSpec> = {
  'single-label': { kind: 'auto' },
  sequential: { kind: 'auto' },
  rating: { kind: 'matrix-factorization', objective: 'svd++' },
  'multi-label': { kind: 'multilabel' },
};

/**
 * Fills in the defaults that do not depend on the data; what is complete stays as it is.
 */
export function completeDistillation(spec: DistillationSpec): CompleteDistillation {
  const {
    model,
    task = 'single-label',
    dataset,
    teacher,
    student,
    tasks,
    labels,
    distillation,
    features,
    evaluation,
    publish,
    search,
  } = spec;
  const { losses, ...settings } = distillation ?? {};
  const wholeTeacher = completeTeacher(teacher ?? DEFAULT_TEACHERS[task]);
  const predictsLabels = task === 'multi-label' && !learnsSets(spec);
  const scoredBy = task === 'single-label' || task === 'sequential' ? wholeTeacher.kind : undefined;
  return {
    type: 'distillation',
    model,
    task,
    dataset: completeDataset(dataset, DEFAULT_SPLITS[task]),
    teacher: wholeTeacher,
    ...(search && { search }),
    ...(tasks && { tasks }),
    ...(labels && { labels: learnsSets(spec) ? labels : { ...labels, minimum: labels.minimum ?? 5 } }),
    ...(features && { features: completeFeatures(features) }),
    student: { kind: DEFAULT_STUDENTS[task], quantization: 'int8', ...student },
    distillation: {
      seed: 42,
      ...settings,
      ...(losses && { losses: losses.map((loss) => completeLoss(loss, scoredBy)) }),
    },
    evaluation: {
      k: predictsLabels ? [1, 3] : [10, 20],
      recallDenominator: 'testSize',
      refit: true,
      seeds: 1,
      ...(!predictsLabels && { unseenUsers: 0.1 }),
      ...evaluation,
    },
    publish: { alias: DEFAULT_ALIAS, ...publish },
    ...completeJobOptions(spec),
  };
}

function completeFeatures(features: FeaturesSpec): With<FeaturesSpec, 'buckets'> {
  const { items, users, hideItems, hideUsers } = features;
  const { training = hideItems !== undefined || hideUsers !== undefined } = features;
  return {
    buckets: 65_536,
    training,
    ...(training && items && { hideItems: 0.2 }),
    ...(training && users && { hideUsers: 0.2 }),
    ...features,
  };
}

function completeDataset(
  dataset: DatasetSpec = {},
  defaultSplit: SplitSpec,
): CompleteDistillation['dataset'] {
  const { sample, split = defaultSplit, ...rest } = dataset;
  return { ...rest, ...(sample && { sample: { seed: 42, ...sample } }), split: completeSplit(split) };
}
