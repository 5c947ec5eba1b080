import { type Static, Type } from 'typebox';
import { ImportFormat } from './import-kind.ts';
import { ReadingNotes } from './reading/reading.ts';

/** The beginning of a file as an import would read it. */
export const ImportPreview = Type.Object(
  {
    format: Type.Union([ImportFormat, Type.Null()]),
    reading: ReadingNotes,
    columns: Type.Array(
      Type.Object({
        column: Type.String({ description: 'Its name, its number without a header, or a path into JSON.' }),
        field: Type.Union([Type.String(), Type.Null()], {
          description: 'What it becomes; null where it is passed over.',
        }),
        examples: Type.Array(Type.String()),
      }),
    ),
    rows: Type.Array(Type.Record(Type.String(), Type.Unknown()), {
      description: 'The first twenty rows as they would be stored.',
    }),
    accepted: Type.Integer({ description: 'Rows of the beginning that would be stored.' }),
    rejected: Type.Integer(),
    problems: Type.Array(
      Type.Object({
        detail: Type.String(),
        line: Type.Union([Type.Integer(), Type.Null()]),
        option: Type.Union([Type.String(), Type.Null()], {
          description: 'The option of POST /imports that mends it.',
        }),
      }),
      { description: 'What is wrong with the file or with rows, each sort of problem once.' },
    ),
    isWhole: Type.Boolean({
      description: 'False: only the first megabyte was looked at, or the first 1,000 rows of Parquet.',
    }),
  },
  { description: 'What POST /imports would make of a file. Nothing is stored.' },
);
export type ImportPreview = Static<typeof ImportPreview>;
