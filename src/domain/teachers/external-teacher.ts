import { type Static, Type } from 'typebox';
import { ModelName } from '../base/model-name.ts';

/** Counts of the ids of an imported teacher that were known, and that were not, when it was imported. */
export const TeacherCoverage = Type.Object({
  users: Type.Integer({ description: 'Users with a list.' }),
  items: Type.Integer({ description: 'Items that are on some list.' }),
  unknownUsers: Type.Integer({ description: 'Of these users, those that nothing else speaks of.' }),
  unknownItems: Type.Integer({ description: 'Of these items, those that nothing else speaks of.' }),
  shareOfUsers: Type.Number({ description: 'Of the known users, the share that has a list.' }),
  shareOfItems: Type.Number({ description: 'Of the known items, the share that is on a list.' }),
});
export type TeacherCoverage = Static<typeof TeacherCoverage>;

export const ExternalTeacher = Type.Object(
  {
    name: ModelName,
    jobId: Type.String({ description: 'The import that brought it.' }),
    createdAt: Type.String({ format: 'date-time' }),
    scores: Type.Integer({ description: 'Pairs of user and item with a score.' }),
    longest: Type.Integer({ description: 'Length of the longest list.' }),
    bytes: Type.Integer(),
    sha256: Type.String({ description: 'Of the scores with their ids, whatever the order of the file.' }),
    coverage: TeacherCoverage,
  },
  { description: 'Scores or top-K lists made elsewhere; a job names them with teacher {"kind":"external"}.' },
);
export type ExternalTeacher = Static<typeof ExternalTeacher>;

/** An imported teacher as the registry keeps it. */
export type StoredExternalTeacher = ExternalTeacher & {
  /** Key of its folder in the artifact store. */
  artifact: string;
};
