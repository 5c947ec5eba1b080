import type { LabelStudent } from '../../../artifact/student/label-student.ts';
import type { Held } from '../../run/holding.ts';
import { partOf } from '../../run/part-of.ts';
import { type LinearLabels, trainLinear } from './best-alone.ts';
import type { LabelNetwork } from './network.ts';
import type { LabelSettings } from './plan.ts';
import { type LabelExamples, type LabelTraining, trainLabels } from './train.ts';

/** A network with what is published of it. */
export interface TrainedLabels extends Held {
  network: LabelNetwork;
  student: LabelStudent;
}

/** The controls that the student has to beat: itself without a teacher, and the best linear model without one. */
export interface LabelControls extends Held {
  alone: TrainedLabels;
  /** As it would be served. */
  best: { student: LabelStudent } & Pick<LinearLabels, 'description' | 'tried'>;
}

/**
 * Trains both controls on the entities that the student learns labels from.
 * @param decided adds calibration and thresholds from the validation part, as the student gets them
 */
export async function trainControls(
  settings: Pick<LabelSettings, 'alone' | 'student'>,
  examples: LabelExamples,
  context: LabelTraining,
  decided: (network: Pick<LabelNetwork, 'answers' | 'weights'>) => LabelStudent,
): Promise<LabelControls> {
  const forked = (name: string, from: number, to: number, model?: string) => ({
    ...partOf(context, from, to, model),
    rng: context.rng.fork(name),
  });
  const network = await trainLabels(settings.alone, examples, null, forked('student-alone', 0, 0.7));
  try {
    const { resume: _, ...anew } = forked('best-alone', 0.7, 1, 'best-alone');
    const linear = await trainLinear(settings.student.width, examples, anew);
    try {
      const { description, tried } = linear;
      const best = { student: decided(linear), description, tried };
      return {
        alone: { network, student: decided(network), dispose: network.dispose },
        best,
        dispose: network.dispose,
      };
    } finally {
      linear.dispose();
    }
  } catch (error) {
    network.dispose();
    throw error;
  }
}
