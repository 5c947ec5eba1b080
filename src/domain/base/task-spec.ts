import { type Static, Type } from 'typebox';

const TASKS = ['single-label', 'sequential', 'rating', 'multi-label'] as const;

export const TaskSpec = Type.Enum([...TASKS], {
  description:
    'What is learnt. single-label: items that go with a set of items (the default). sequential: the next item, from the order of the history; every interaction that counts needs a timestamp. rating: the value of an interaction, such as one to five stars. multi-label: each label for itself, of items or users, or the set of items that a user takes; `labels` says which.',
});
export type TaskSpec = Static<typeof TaskSpec>;
