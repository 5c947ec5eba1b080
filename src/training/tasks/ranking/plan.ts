import type { HeldOutTypes } from '../../../dataset/columns.ts';
import type { DataSize } from '../../../dataset/data-size.ts';
import type { DataFilter } from '../../../dataset/filter.ts';
import type { SplitPlan } from '../../../dataset/split/split.ts';
import type { DistillSettings } from '../../../distillation/distill.ts';
import { parseTimestamp } from '../../../domain/base/timestamp.ts';
import { DEFAULT_WEIGHTING, type Weighting } from '../../../domain/data/weighting.ts';
import {
  type CompleteDistillation,
  completeDistillation,
} from '../../../domain/jobs/complete-distillation.ts';
import type { DistillationSpec } from '../../../domain/jobs/distillation-spec.ts';
import { learnsSets } from '../../../domain/tasks/labels-spec.ts';
import type { RecallDenominator } from '../../../evaluation/metrics.ts';
import type { StudentSettings } from '../../../student/settings.ts';
import type { ExternalSettings } from '../../../teacher/kinds/external.ts';
import type { Combining } from '../../../teacher/several/combine.ts';
import type { FoundTeacher } from '../../teachers/given-teacher.ts';
import { type PlannedTeacher, planExternal, planTeacher } from '../../teachers/plan-teacher.ts';
import type { StoredSettings } from '../../teachers/stored-teacher.ts';
import { type DistillationPlan, planAlone, planDistillation } from './plan-distillation.ts';
import { planSequence, planSequenceAlone } from './plan-sequence.ts';
import { planStudent } from './plan-student.ts';

export type SinglePlan = PlannedTeacher | ExternalSettings | StoredSettings;

/** Several teachers of one task. */
export interface EnsemblePlan extends Combining {
  kind: 'ensemble';
  /** One for each member, or what chooses them. */
  weights: number[] | 'validation';
  members: SinglePlan[];
}

export function isEnsemble(settings: TrainingSettings['teacher']): settings is EnsemblePlan {
  return settings.kind === 'ensemble';
}

/** A job with nothing left open. It goes into the report, so that the run can be repeated. */
export interface TrainingSettings {
  teacher: SinglePlan | EnsemblePlan;
  student: StudentSettings;
  distillation: DistillationPlan;
  /** The control: the same student without a teacher, with settings that suit it, not the distilled one's. */
  alone: DistillSettings & { learningRate: number; weightDecay: number };
  ks: number[];
  recallDenominator: RecallDenominator;
  /** Whether what is learnt are the sets of items that users take. */
  sets?: true;
  /** Evaluations on validation without a better one after which training stops. */
  patience: number;
}

/** Types that are named leave the others out; without names every type counts. */
export function planWeighting(spec: DistillationSpec): Weighting {
  const halfLifeDays = spec.dataset?.halfLifeDays ?? null;
  if (!spec.dataset?.types) return { ...DEFAULT_WEIGHTING, halfLifeDays };
  return { types: namedTypes(spec), otherTypes: 0, halfLifeDays };
}

/** The types that the job names, each with a weight. */
export function namedTypes({ dataset }: DistillationSpec): Weighting['types'] {
  return Object.fromEntries(
    Object.entries(dataset?.types ?? {}).map(([type, rule]) => [type, { ...rule, weight: rule.weight ?? 1 }]),
  );
}

/** @see DatasetSpec */
export function planFilter(spec: DistillationSpec): DataFilter {
  const { since, until, sample, minInteractions } = completeDistillation(spec).dataset;
  return {
    ...(since !== undefined && { since: parseTimestamp(since) }),
    ...(until !== undefined && { until: parseTimestamp(until) }),
    ...(sample && { sample }),
    ...(minInteractions && { minInteractions }),
  };
}

export function planSplit(spec: DistillationSpec): SplitPlan {
  return completeDistillation(spec).dataset.split;
}

/** The types that a split by types holds out. */
export function heldOutTypes(plan: SplitPlan): HeldOutTypes | undefined {
  if (plan.strategy !== 'types') return undefined;
  return { test: plan.test, validation: 'validation' in plan ? plan.validation : undefined };
}

export function planSeed(spec: DistillationSpec): number {
  return completeDistillation(spec).distillation.seed;
}

/** Bytes of a teacher that is stored with its version. A closed form can be large, and versions are many. */
export function planTeacherBytes({ publish }: DistillationSpec): number {
  if (publish?.teacher === false) return 0;
  return publish?.teacher ? 2 ** 30 : 2 ** 28;
}

/** Trained, imported, stored, or several of these. */
export function planAnyTeacher(
  spec: DistillationSpec,
  size: DataSize,
  found: Pick<FoundTeacher, 'stored' | 'members'> = {},
): TrainingSettings['teacher'] {
  const { teacher } = completeDistillation(spec);
  if (teacher.kind !== 'ensemble') return planOne(spec, size, found);
  const { members = [], combine = 'average', weights, temperature = 1, constant = 60 } = teacher;
  return {
    kind: 'ensemble',
    combine,
    temperature,
    constant,
    weights: weights === 'validation' ? weights : members.map(({ weight = 1 }) => weight),
    members: members.map(({ weight: _, ...member }, i) =>
      planOne({ ...spec, teacher: member }, size, found.members?.[i]),
    ),
  };
}

function planOne(
  spec: DistillationSpec,
  size: DataSize,
  { stored }: Pick<FoundTeacher, 'stored'> = {},
): SinglePlan {
  const { teacher } = completeDistillation(spec);
  return stored?.settings ?? (teacher.kind === 'external' ? planExternal(teacher) : planTeacher(spec, size));
}

/**
 * Fills in what the job leaves open, by the size of the data. Chosen on the validation part of MovieLens-100K: wider
 * teachers gave nothing more, and without a teacher the student needs strong weight decay to be the best control that
 * it can be.
 */
export function planTraining(
  spec: DistillationSpec,
  size: DataSize,
  found: Pick<FoundTeacher, 'stored' | 'members'> = {},
): TrainingSettings {
  const { stored } = found;
  const complete = completeDistillation(spec);
  const part = stored?.settings.part;
  const student = planStudent(
    complete,
    size.items,
    part === 'student' ? stored!.previous.manifest : undefined,
  );
  return {
    teacher: planAnyTeacher(spec, size, found),
    student,
    ...(complete.task === 'sequential'
      ? { distillation: planSequence(complete, size), alone: planSequenceAlone(complete, size) }
      : {
          distillation: planDistillation(complete, size, student, part),
          alone: planAlone(complete, size, stored !== undefined),
        }),
    ...planEvaluation(complete),
  };
}

export function planEvaluation(
  complete: CompleteDistillation,
): Pick<TrainingSettings, 'ks' | 'recallDenominator' | 'patience' | 'sets'> {
  const { evaluation } = complete;
  return {
    ...(learnsSets(complete) && { sets: true }),
    ks: [...new Set(evaluation.k)].sort((a, b) => a - b),
    recallDenominator: evaluation.recallDenominator,
    patience: 10,
  };
}
