import { type Static, Type } from 'typebox';

const TASKS = ['single-label', 'sequential', 'rating'] as const;

export const TaskSpec = Type.Enum([...TASKS], {
  description:
    'What is learnt. single-label: items that go with a set of items (the default). sequential: the next item, from the order of the history; every interaction that counts needs a timestamp. rating: the value of an interaction, such as one to five stars.',
});
export type TaskSpec = Static<typeof TaskSpec>;
