import { type Static, Type } from 'typebox';
import { ModelName } from '../base/model-name.ts';
import { InteractionType } from '../data/interaction.ts';
import { TeacherSpec } from '../teachers/teacher-spec.ts';
import { SplitSpec } from './split-spec.ts';

const MOST_TASKS = 8;

export const NamedTask = Type.Object(
  {
    name: ModelName,
    types: Type.Array(InteractionType, {
      minItems: 1,
      maxItems: 16,
      uniqueItems: true,
      description: 'The behaviours that this task predicts.',
      examples: [['purchase']],
    }),
    weight: Type.Optional(
      Type.Number({ minimum: 0, maximum: 1000, description: 'Its share of the loss; 1 if not given.' }),
    ),
    teacher: Type.Optional(TeacherSpec),
    reads: Type.Optional(
      Type.Enum(['own', 'all'], {
        description:
          "What its teacher reads: the histories of its own behaviours, or (all, the default of a teacher that is trained) also those of all behaviours: it is trained on either, and the two count as is best on the task's validation part.",
      }),
    ),
    split: Type.Optional(SplitSpec),
  },
  {
    additionalProperties: false,
    description:
      "One task of a student with several: its own teacher and its own test pairs. Teacher and split are the job's where it names none.",
  },
);
export type NamedTask = Static<typeof NamedTask>;

export const TasksSpec = Type.Array(NamedTask, {
  minItems: 2,
  maxItems: MOST_TASKS,
  description:
    'Several teachers into one student: one history of all behaviours, one item matrix, a small head per task. GET /recommend answers the first task unless `task` names another.',
  examples: [
    [
      { name: 'purchase', types: ['purchase'] },
      { name: 'click', types: ['click', 'view'], weight: 0.5 },
    ],
  ],
});
export type TasksSpec = Static<typeof TasksSpec>;

export const TASK_BALANCES = ['fixed', 'uncertainty', 'gradient'] as const;
export type TaskBalance = (typeof TASK_BALANCES)[number];

export const TASK_TARGETS = ['any', 'unseen'] as const;
export type TaskTargets = (typeof TASK_TARGETS)[number];

export const TaskTargetsSpec = Type.Enum([...TASK_TARGETS], {
  description:
    'With tasks, what their students learn to predict: any item that the user has not yet done this with (any, the default), say to be bought what was looked at; or items that the user has met in no behaviour at all (unseen).',
});

export const TaskBalanceSpec = Type.Enum([...TASK_BALANCES], {
  description:
    'With tasks, how their losses are weighed: by their weights alone (fixed); divided by a variance that is learned for each (uncertainty); so that each moves the user vector as much as its weight says (gradient).',
});
