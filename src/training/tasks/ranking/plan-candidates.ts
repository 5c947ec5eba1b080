import type { DataSize } from '../../../dataset/data-size.ts';
import type { CompleteDistillation } from '../../../domain/jobs/complete-distillation.ts';
import { completeLoss } from '../../../domain/losses/complete-losses.ts';
import { trainsOnFeatures } from '../../../domain/tasks/features-spec.ts';
import { learnsSets } from '../../../domain/tasks/labels-spec.ts';
import type { FoundTeacher } from '../../teachers/find-teacher.ts';
import { planTraining, type TrainingSettings } from './plan.ts';
import { THINNED } from './plan-distillation.ts';

/** A way to make the student that validation may choose. */
export interface StudentCandidate {
  name: string;
  settings: TrainingSettings;
  /** True for one that learns nothing from the teacher: the control as it would be published. */
  isControl?: true;
}

interface Way {
  name: string;
  user: 'summed' | 'solved';
  distillation: Partial<CompleteDistillation['distillation']>;
  isControl?: true;
}

/**
 * Sums that are taught on whole histories alone won on no data, nor did a mixture of rank and hard labels that starts from iALS
 * (docs/defaults.md).
 */
const WAYS: readonly Way[] = [
  { name: 'summed, thinned', user: 'summed', distillation: { thinned: THINNED.summed } },
  {
    name: 'summed, hard labels',
    user: 'summed',
    distillation: {
      losses: [completeLoss({ kind: 'rankLabels' }), completeLoss({ kind: 'hardLabels', weight: 0.3 })],
      dropout: 0.5,
    },
  },
  {
    name: 'solved, thinned',
    user: 'solved',
    distillation: { transfer: 'ials', thinned: THINNED.solved },
  },
  {
    name: 'iALS, solved',
    user: 'solved',
    distillation: { transfer: 'ials', thinned: 0, epochs: 0 },
    isControl: true,
  },
];

/**
 * The ways that a job leaves open, each as a plan of its own: none that contradicts an option of the job. Fewer than two where
 * nothing is to be chosen, or nothing can be: students of published versions, of sequences and sets, and those that train on features, stay as planned.
 */
export function planCandidates(
  spec: CompleteDistillation,
  size: DataSize,
  found: FoundTeacher,
): StudentCandidate[] {
  const { task, features, student, distillation, teacher } = spec;
  const isPlain =
    task === 'single-label' &&
    !learnsSets(spec) &&
    !trainsOnFeatures(features) &&
    !found.stored &&
    !found.imported;
  if (!isPlain || distillation.freeze || isCurriculum(teacher)) return [];
  return WAYS.filter((way) => isOpen(way, spec)).map((way) => {
    const { name, user, distillation: more, isControl } = way;
    const whole = {
      ...spec,
      student: { ...student, user },
      distillation: { ...distillation, ...more },
    };
    return {
      name,
      settings: planTraining(whole, size, found),
      ...(isControl && { isControl }),
    };
  });
}

const isCurriculum = (teacher: CompleteDistillation['teacher']) =>
  teacher.kind === 'ensemble' && teacher.combine === 'curriculum';

function isOpen(way: Way, { student, distillation }: CompleteDistillation): boolean {
  const { user, hidden, activation = 'identity', normalization = 'none' } = student;
  if (user !== undefined && user !== way.user) return false;
  const isPlain = hidden === undefined && activation === 'identity' && normalization === 'none';
  if (way.user === 'solved' && !isPlain) return false;
  const names = Object.keys(way.distillation) as (keyof typeof distillation)[];
  return names.every((name) => distillation[name] === undefined);
}
