import type { EventMeaning } from '../../../domain/data/event-meaning.ts';
import type { Installed, Weighting } from '../../../domain/data/weighting.ts';
import type { CompleteDistillation } from '../../../domain/jobs/complete-distillation.ts';
import type { LabelsSpec } from '../../../domain/tasks/labels-spec.ts';
import type { OptionsOf } from '../../../domain/teachers/single.ts';
import { teacherOf } from '../../../domain/teachers/teacher-spec.ts';
import { type PlannedMeanings, planMeanings } from '../../run/plan-job.ts';
import type { StoredSettings } from '../../teachers/stored-teacher.ts';

/** One network and its training. */
export interface LabelFit {
  /** Units of the hidden layer. */
  width: number;
  /** Weight of the teacher's probabilities and of the known labels. */
  softLabels: number;
  hardLabels: number;
  temperature: number;
  epochs: number;
  batchSize: number;
  learningRate: number;
  weightDecay: number;
  /** Share of the input that is hidden at each step. */
  dropout: number;
  /** Share of the hidden units. */
  unitDropout: number;
  /** The number of last epochs in which training sees the matrices as they will be rounded. */
  roundedEpochs: number;
}

/** A job with nothing left open. */
export interface LabelSettings {
  labels: LabelsSpec & { minimum: number };
  weighting: Weighting;
  teacher: (LabelFit & { kind: 'multilabel' }) | StoredSettings;
  student: LabelFit;
  /** The control without a teacher. */
  alone: LabelFit;
  /** Epochs without a better validation metric after which training stops. */
  patience: number;
  /** Places at which precision is taken. */
  ks: number[];
}

/** Numbers of the teacher's greatest matrix. */
const MOST_PARAMETERS = 1 << 26;

/**
 * Fills in what the job leaves open. Chosen on the validation films of MovieLens-100K.
 * @param stored the teacher, where the job does not train it
 */
export function planLabels(
  spec: CompleteDistillation,
  inputs: number,
  weighting: Weighting,
  stored?: StoredSettings,
): LabelSettings {
  const { student, distillation, evaluation } = spec;
  const teacher: OptionsOf<'multilabel'> = stored ? {} : teacherOf(spec.teacher, 'multilabel');
  const own: LabelFit = {
    width: teacher.hidden?.[0] ?? Math.max(32, Math.min(512, Math.floor(MOST_PARAMETERS / inputs))),
    softLabels: 0,
    hardLabels: 1,
    temperature: 1,
    epochs: teacher.epochs ?? 40,
    batchSize: teacher.batchSize ?? 64,
    learningRate: teacher.learningRate ?? 0.002,
    weightDecay: teacher.weightDecay ?? 1,
    dropout: teacher.dropout ?? 0.3,
    unitDropout: 0.5,
    roundedEpochs: 0,
  };
  const epochs = distillation.epochs ?? 60;
  const soft = distillation.losses?.find(({ kind }) => kind === 'softLabels');
  const weightOf = (kind: string, fallback: number) => {
    if (!distillation.losses) return fallback;
    return (distillation.losses.find((loss) => loss.kind === kind)?.weight as number | undefined) ?? 0;
  };
  const narrow: LabelFit = {
    ...own,
    width: student.dimensions ?? 32,
    softLabels: weightOf('softLabels', 1),
    hardLabels: weightOf('hardLabels', 0.1),
    temperature: ((soft as { temperature?: number } | undefined)?.temperature as number | undefined) ?? 2,
    epochs,
    batchSize: distillation.batchSize ?? 64,
    learningRate: distillation.learningRate ?? 0.005,
    weightDecay: 0,
    dropout: distillation.dropout ?? 0.1,
    unitDropout: 0,
    roundedEpochs: student.quantizationAware === false ? 0 : Math.ceil(epochs / 4),
  };
  return {
    labels: spec.labels as LabelSettings['labels'],
    weighting,
    teacher: stored ?? { kind: 'multilabel', ...own },
    student: narrow,
    alone: {
      ...narrow,
      softLabels: 0,
      hardLabels: 1,
      temperature: 1,
      learningRate: own.learningRate,
      weightDecay: own.weightDecay,
      dropout: own.dropout,
      unitDropout: 0.2,
      roundedEpochs: 0,
    },
    patience: 10,
    ks: [...new Set(evaluation.k)].sort((a, b) => a - b),
  };
}

/**
 * Meanings of types for labels: as in other jobs, but that of ratings it does not count how high they are. Things that are taken
 * together are alike, whether they were liked or not.
 */
export function planLabelMeanings(
  spec: CompleteDistillation,
  found: Iterable<string>,
  installed: Installed,
): PlannedMeanings {
  const unread = (type: string): EventMeaning | null => {
    const meaning = installed(type);
    return meaning?.value.as === 'threshold' ? { ...meaning, value: { as: 'none' } } : meaning;
  };
  return planMeanings(spec, found, unread);
}
