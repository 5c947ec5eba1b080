import { Type } from 'typebox';
import { TakenOut } from './taken-out.ts';

/** Facts about the data of a report, the same for every task. */
export const DataReport = Type.Object({
  users: Type.Integer({
    description:
      'Users that count. For labels of items: users behind the interactions, 0 where they were not counted.',
  }),
  items: Type.Integer({ description: 'Items that count, or whose interactions are read.' }),
  interactions: Type.Integer({ description: 'Pairs of user and item that count; for ratings the ratings.' }),
  train: Type.Integer({ description: 'Pairs in the training part; for labels entities.' }),
  validation: Type.Integer({ description: 'Pairs in the validation part; for labels entities.' }),
  test: Type.Integer({ description: 'Pairs in the test part; for labels entities.' }),
  testUsers: Type.Integer({
    description:
      'Users with at least one test pair whom the tables count and who are resampled for their intervals: those that the student knows, or all where it knows none of them. `histories` has the others. For labels the entities of the test part.',
  }),
  testUsersInAll: Type.Optional(
    Type.Integer({
      description:
        'The number of users that `testUsers` were drawn from, by hashes of their ids. Absent where all of them were measured, as they are up to 20,000.',
    }),
  ),
  entities: Type.Optional(
    Type.Object(
      {
        all: Type.Integer({ description: 'Items or users.' }),
        withLabels: Type.Integer(),
        labels: Type.Integer({ description: 'Labels that are learnt.' }),
        featureColumns: Type.Integer({ description: 'Inputs that come from features.' }),
      },
      { description: 'Of labels only.' },
    ),
  ),
  split: Type.String({ examples: ['last-fraction 0.2'] }),
  hash: Type.String({ description: 'SHA-256 of the interactions used, whatever their order.' }),
  takenOut: Type.Optional(TakenOut),
});
