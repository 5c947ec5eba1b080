import { type Static, Type } from 'typebox';

/** Users who are shown, and items of each list. */
export const EXAMPLES = 20;
export const EXAMPLE_ITEMS = 10;

const items = (description: string) => Type.Array(Type.String(), { maxItems: EXAMPLE_ITEMS, description });

/** Items that a second list has and the first has not, and the other way round. */
export const ListDifference = Type.Object({
  gained: items('Items that the second shows and the first does not, as the second ranks them.'),
  lost: items('Items that the first shows and the second does not, as the first ranks them.'),
});
export type ListDifference = Static<typeof ListDifference>;

export const ExampleReport = Type.Object(
  {
    history: items('The newest items that both were asked with, the newest first.'),
    teacher: items('The first items of the teacher, best first.'),
    student: items('Those of the student, as it is served.'),
    ...ListDifference.properties,
  },
  {
    description:
      'One user of the test, by items alone: gained is what the student shows and the teacher does not.',
  },
);
export type ExampleReport = Static<typeof ExampleReport>;

export const Examples = Type.Array(ExampleReport, {
  maxItems: EXAMPLES,
  description:
    'Of jobs that rank items: up to twenty test users, drawn by the seed, with what teacher and student show them, without saying who they are. With tasks each table has its own.',
});

/** Compares two lists of one user. */
export function listDifference(first: readonly string[], second: readonly string[]): ListDifference {
  const missingIn = (list: readonly string[], others: readonly string[]) =>
    list.filter((item) => !others.includes(item));
  return { gained: missingIn(second, first), lost: missingIn(first, second) };
}
