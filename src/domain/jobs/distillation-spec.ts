import { type Static, Type } from 'typebox';
import { AliasName } from '../base/alias-name.ts';
import { BatchSize, Epochs, LearningRate } from '../base/fit-spec.ts';
import { ModelName } from '../base/model-name.ts';
import { TaskSpec } from '../base/task-spec.ts';
import { LossSpec } from '../losses/loss-spec.ts';
import { gateOptions } from '../releases/gate-spec.ts';
import { FreezeSpec } from '../students/freeze-spec.ts';
import { StudentSpec } from '../students/student-spec.ts';
import { DatasetSpec } from '../tasks/dataset-spec.ts';
import { FeaturesSpec } from '../tasks/features-spec.ts';
import { LabelsSpec } from '../tasks/labels-spec.ts';
import { TaskBalanceSpec, TasksSpec, TaskTargetsSpec } from '../tasks/tasks-spec.ts';
import { TeacherSpec } from '../teachers/teacher-spec.ts';
import { jobOptions } from './job-options.ts';
import { SearchSpec } from './search-spec.ts';

const strict = { additionalProperties: false } as const;

export const DistillationSpec = Type.Object(
  {
    type: Type.Optional(Type.Literal('distillation')),
    model: ModelName,
    task: Type.Optional(TaskSpec),
    dataset: Type.Optional(DatasetSpec),
    features: Type.Optional(FeaturesSpec),
    teacher: Type.Optional(TeacherSpec),
    student: Type.Optional(StudentSpec),
    students: Type.Optional(
      Type.Array(StudentSpec, {
        minItems: 1,
        maxItems: 16,
        description:
          'In place of student: one job per student. The first trains the teacher, the others start when it is there, side by side. They take the aliases stable-1, stable-2 and so on, and the one that publish.choose names takes the alias itself.',
      }),
    ),
    search: Type.Optional(SearchSpec),
    tasks: Type.Optional(TasksSpec),
    labels: Type.Optional(LabelsSpec),
    distillation: Type.Optional(
      Type.Object(
        {
          losses: Type.Optional(Type.Array(LossSpec, { minItems: 1, maxItems: 8 })),
          transfer: Type.Optional(
            Type.Enum(['svd', 'ials', 'neurons', 'copy', 'all', 'items', 'layers', 'none'], {
              description:
                "How the student starts: from the truncated SVD of the teacher's scores (svd), iALS on the data, for a user vector that is solved (ials), the teacher's strongest hidden units (neurons), its item matrices of equal width (copy), or random numbers (none). Where a published student teaches also: all of its parameters (all), those of its items (items), or those that belong to no item (layers).",
            }),
          ),
          taskBalance: Type.Optional(TaskBalanceSpec),
          taskTargets: Type.Optional(TaskTargetsSpec),
          epochs: Type.Optional(Epochs),
          batchSize: Type.Optional(BatchSize),
          learningRate: Type.Optional(LearningRate),
          dropout: Type.Optional(
            Type.Number({
              minimum: 0,
              maximum: 0.95,
              description: 'Share of the history hidden at each step, from student and teacher alike.',
            }),
          ),
          thinned: Type.Optional(
            Type.Integer({
              minimum: 0,
              maximum: 32,
              description:
                'Copies of each history with a random part missing, about which the teacher is asked as well, so that the student learns what it says of users whom it does not know.',
            }),
          ),
          dislikes: Type.Optional(
            Type.Union([Type.Number({ minimum: 0, maximum: 10 }), Type.Literal('auto')], {
              description:
                "Standard deviations by which the teacher's scores of what a user dislikes are lowered before they teach the student. 0, the default, leaves them; auto tries 0, 2 and 5, and takes more than 0 only where fewer disliked items are in the first ten on validation and NDCG@10 is not below.",
            }),
          ),
          freeze: Type.Optional(
            Type.Array(FreezeSpec, {
              maxItems: 8,
              description: 'Parts of the student that stay as they start, for some epochs.',
            }),
          ),
          seed: Type.Optional(Type.Integer({ minimum: 0, maximum: 4_294_967_295 })),
        },
        strict,
      ),
    ),
    evaluation: Type.Optional(
      Type.Object(
        {
          k: Type.Optional(
            Type.Array(Type.Integer({ minimum: 1, maximum: 1000 }), {
              minItems: 1,
              maxItems: 10,
              examples: [[10, 20]],
            }),
          ),
          recallDenominator: Type.Optional(
            Type.Enum(['testSize', 'min'], {
              description:
                'What recall@k divides by: testSize, the number of test items of the user, or min, at most k of them. Published figures use both.',
            }),
          ),
          refit: Type.Optional(
            Type.Boolean({
              description:
                'After the report, teacher and student learn from all pairs, the test part too, on from the weights that were tested; these are served then. Default true; false serves the tested weights.',
            }),
          ),
          seeds: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: 10,
              description:
                'How often student and controls are trained, each time from other random numbers (seed, seed + 1, ...), with one teacher; default 1. Figures are then means over the seeds, and intervals are over users and seeds. The student of the first seed is published. The time of distillation and controls grows as often, and so does the memory that students take.',
            }),
          ),
          coldItems: Type.Optional(
            Type.Number({
              minimum: 0,
              maximum: 0.5,
              description:
                'This share of the items is not trained on at all, and the segment items:cold of the report says how they are found from their features. Who is drawn follows from the id and the seed. With refit they are learned in the end.',
            }),
          ),
          unseenUsers: Type.Optional(
            Type.Number({
              minimum: 0,
              maximum: 0.5,
              description:
                'Share of the test users, at most 300, of whom nothing is trained on, in any task, so that the report says what users get whom the student has never seen; default 0.1, 0 for none. Who is drawn follows from the id, the same in all jobs; none are where they would be fewer than 20. With refit they are learned in the end.',
            }),
          ),
        },
        strict,
      ),
    ),
    publish: Type.Optional(
      Type.Object(
        {
          alias: Type.Optional(AliasName),
          teacher: Type.Optional(
            Type.Boolean({
              description:
                'Whether the teacher is stored with the version, so that later jobs can learn from it: true up to 1 GiB, false never; left out, up to 256 MiB.',
            }),
          ),
          ...gateOptions,
        },
        strict,
      ),
    ),
    ...jobOptions,
  },
  {
    additionalProperties: false,
    description: 'Everything but model has a default that fits the data.',
  },
);
export type DistillationSpec = Static<typeof DistillationSpec>;

export const DEFAULT_ALIAS = 'stable';
