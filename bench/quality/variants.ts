import type { StudentWeights } from '../../src/artifact/student/student-weights.ts';
import type { Split } from '../../src/dataset/split/split.ts';
import type { CompleteDistillation } from '../../src/domain/jobs/complete-distillation.ts';
import type { LossSettings } from '../../src/domain/losses/loss-spec.ts';
import type { Teacher } from '../../src/teacher/contract.ts';
import type { Fit } from '../../src/training/run/run.ts';
import type { Task } from '../../src/training/task.ts';
import type { TrainingSettings } from '../../src/training/tasks/ranking/plan.ts';
import { planRoundedEpochs } from '../../src/training/tasks/ranking/plan-student.ts';
import { prepareRanking } from '../../src/training/tasks/ranking/prepare.ts';
import { type OpenRanking, openRanking, ranking } from '../../src/training/tasks/ranking/task.ts';
import type { TrainedStudent } from '../../src/training/tasks/ranking/train-student.ts';
import type { RankingTeacher } from '../../src/training/teachers/teacher-setup.ts';
import { emptyAssessment } from '../lib/empty-report.ts';

export interface Variant {
  distillation?: Partial<Omit<TrainingSettings['distillation'], 'losses'>> & {
    losses?: Partial<LossSettings>[];
  };
  student?: Partial<TrainingSettings['student']>;
}

type Named = [name: string, weights: StudentWeights];

/** All that was trained, and the data that it is compared on. */
export interface Compared {
  teacher: Teacher;
  students: Named[];
  split: Split;
}

/**
 * The ranking task with several students of one teacher: the first variant is the job's student, the others stand where its
 * controls do.
 * @param alone whether the planned student is also trained without a teacher
 */
export function compareVariants(
  variants: Record<string, Variant>,
  alone: boolean,
  measure: (compared: Compared) => Promise<void>,
): Task<RankingTeacher, TrainedStudent> {
  return {
    metric: ranking.metric,
    control: ranking.control,
    async open(run) {
      const prepared = await prepareRanking(run);
      const { data, split, settings } = prepared;
      const opened = Object.entries(variants).map(([name, change]) =>
        told(
          name,
          openRanking(run, {
            ...prepared,
            candidates: [],
            settings: changed(settings, change, run.spec),
          }),
        ),
      );
      const [first, ...others] = opened;
      const { controls } = openRanking(run, prepared);
      return {
        ...first!,
        async teach(stage) {
          const obtained = await first!.teach(stage);
          const { description, tried = [] } = obtained.teacher;
          for (const trial of tried) console.error('  tried', JSON.stringify(trial));
          console.error(
            `seed ${run.spec.distillation.seed}: ${description}`,
            JSON.stringify(settings.distillation),
          );
          return obtained;
        },
        controls: [
          ...others.map(({ transfer }) => ({
            train: async (teacher: RankingTeacher, fit: Fit) => (await transfer(teacher, fit))(fit),
          })),
          ...(alone
            ? controls.map(({ train }) => ({
                train: async (teacher: RankingTeacher, fit: Fit) => (await train(teacher, fit)).alone,
              }))
            : []),
        ],
        async assess({ teacher: { teacher }, student, controls: trained }) {
          const names = [...Object.keys(variants), ...(alone ? ['alone'] : [])];
          const students = [student, ...trained].map(({ weights }, i): Named => [names[i]!, weights]);
          await measure({ teacher, students, split });
          return emptyAssessment(data.dataset.hash, settings);
        },
        storable: () => [],
      };
    },
  };
}

/** Says how long the student took to train. */
function told(name: string, opened: OpenRanking): OpenRanking {
  return {
    ...opened,
    async transfer(teacher, fit) {
      const started = performance.now();
      const train = await opened.transfer(teacher, fit);
      return async (again) => {
        const student = await train(again);
        console.error(`  ${name} trained, ${((performance.now() - started) / 1000).toFixed(1)} s`);
        return student;
      };
    },
  };
}

function changed(
  settings: TrainingSettings,
  { distillation, student }: Variant,
  complete: CompleteDistillation,
): TrainingSettings {
  const epochs = distillation?.epochs ?? settings.distillation.epochs;
  const { losses = settings.distillation.losses } = distillation ?? {};
  return {
    ...settings,
    student: { ...settings.student, ...student },
    distillation: {
      ...settings.distillation,
      roundedEpochs: planRoundedEpochs(complete, epochs),
      ...distillation,
      losses: losses.map((loss) => ({
        ...settings.distillation.losses.find(({ kind }) => kind === loss.kind),
        ...loss,
      })) as LossSettings[],
    },
  };
}
