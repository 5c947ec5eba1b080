import type { DataSize } from '../../../dataset/data-size.ts';
import type { DistillSettings } from '../../../distillation/distill.ts';
import type { CompleteDistillation } from '../../../domain/jobs/complete-distillation.ts';
import { learnsSets } from '../../../domain/tasks/labels-spec.ts';
import type { RecallDenominator } from '../../../evaluation/metrics.ts';
import { MAX_HISTORY } from '../../../scoring/user-vector.ts';
import type { StudentSettings } from '../../../student/settings.ts';
import type { FoundTeacher } from '../../teachers/find-teacher.ts';
import { planAnyTeacher, type TeacherPlan } from '../../teachers/plan-any-teacher.ts';
import { type DistillationPlan, planControl, planDistillation } from './plan-distillation.ts';
import { planSequence, planSequenceControl } from './plan-sequence.ts';
import { planStudent } from './plan-student.ts';

/** A job with nothing left open. It goes into the report, so that the run can be repeated. */
export interface TrainingSettings {
  teacher: TeacherPlan;
  student: StudentSettings;
  distillation: DistillationPlan;
  /** The control: the same student without a teacher, with settings that suit it, not the distilled one's. */
  alone: DistillSettings & { learningRate: number; weightDecay: number; plannedEpochs?: number };
  ks: number[];
  recallDenominator: RecallDenominator;
  /** Newest distinct items of a history that students are taught on and serving reads. */
  maxHistory: number;
  /** True where the students learn the sets of items that users take. */
  sets?: true;
  /** Evaluations on validation without a better one after which training stops. */
  patience: number;
}

/**
 * Fills in what the job leaves open, by the size of the data. Chosen on the validation part of MovieLens-100K: wider
 * teachers gave nothing more, and without a teacher the student needs strong weight decay to be the best control that
 * it can be.
 */
export function planTraining(
  spec: CompleteDistillation,
  size: DataSize,
  found: Pick<FoundTeacher, 'stored' | 'members'> = {},
): TrainingSettings {
  const { stored } = found;
  const part = stored?.settings.part;
  const student = planStudent(spec, size.items, part === 'student' ? stored!.previous.manifest : undefined);
  return {
    teacher: planAnyTeacher(spec, size, found),
    student,
    ...(spec.task === 'sequential'
      ? { distillation: planSequence(spec, size), alone: planSequenceControl(spec, size) }
      : {
          distillation: planDistillation(spec, size, student, part),
          alone: planControl(spec, size, student, stored !== undefined),
        }),
    ...planEvaluation(spec),
  };
}

export function planEvaluation(
  spec: CompleteDistillation,
): Pick<TrainingSettings, 'ks' | 'recallDenominator' | 'patience' | 'sets' | 'maxHistory'> {
  const { evaluation, student } = spec;
  return {
    ...(learnsSets(spec) && { sets: true }),
    ks: [...new Set(evaluation.k)].sort((a, b) => a - b),
    recallDenominator: evaluation.recallDenominator,
    maxHistory: student.maxHistory ?? MAX_HISTORY,
    patience: 10,
  };
}
