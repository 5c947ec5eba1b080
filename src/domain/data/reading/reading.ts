import { type Static, Type } from 'typebox';

/**
 * How a file is read, as a job keeps it: the parsed form of the options of `POST /imports` (query.ts). What is absent
 * has its default.
 */
export const Reading = Type.Object(
  {
    /** The columns (or paths into JSON) of each field, of which the first that is not empty counts. */
    columns: Type.Optional(Type.Record(Type.String(), Type.Array(Type.String()))),
    /** Sign or signs between two cells of a CSV. */
    delimiter: Type.Optional(Type.String()),
    /** False: the first line is data already, and columns go by their numbers from 1. */
    header: Type.Optional(Type.Boolean()),
    /** Names of the columns of a file without a header. */
    names: Type.Optional(Type.Array(Type.String())),
    /** Empty where quotes are signs like others. */
    quote: Type.Optional(Type.String()),
    escape: Type.Optional(Type.String()),
    comment: Type.Optional(Type.String()),
    /** Lines such as `12:` name what the rows below belong to; that is one more column at the end. */
    section: Type.Optional(Type.Boolean()),
    encoding: Type.Optional(Type.String()),
    decimal: Type.Optional(Type.Enum(['.', ','])),
    timestampFormat: Type.Optional(Type.String()),
    timezone: Type.Optional(Type.String()),
    listSeparator: Type.Optional(Type.String()),
    /** Sign between the id and the value in an entry of a list, as in N1-0. */
    valueSeparator: Type.Optional(Type.String()),
    values: Type.Optional(Type.Record(Type.String(), Type.Number())),
    types: Type.Optional(Type.Record(Type.String(), Type.String())),
    nulls: Type.Optional(Type.Array(Type.String())),
    trim: Type.Optional(Type.Boolean()),
    files: Type.Optional(Type.String()),
    /** Rows are stored in the order of the file, so that the next export is the same. */
    inOrder: Type.Optional(Type.Boolean()),
    preset: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);
export type Reading = Static<typeof Reading>;

/** Fields of a row and the columns or paths they come from. */
export type ColumnMapping = Record<string, string[]>;

/** Texts that other programs write where there is nothing. */
export const DEFAULT_NULLS = ['NULL', 'null', 'Null', 'NaN', 'nan', '\\N', 'None', 'undefined'];

/** Decisions and changes of a reading: the result of an import has them. */
export const ReadingNotes = Type.Object(
  {
    preset: Type.Optional(Type.String({ description: 'The preset that was taken.' })),
    encoding: Type.Optional(Type.String({ description: 'The encoding of the text.' })),
    timestamps: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description: 'How the times of each column were read.',
        examples: [{ when: 'dd/MM/yyyy HH:mm in Europe/Berlin' }],
      }),
    ),
    files: Type.Optional(
      Type.Array(Type.String(), { description: 'Files of an archive or folder that were read, in order.' }),
    ),
    trimmed: Type.Optional(Type.Integer({ description: 'Ids that had blanks around them.' })),
    absent: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description:
          'Fields whose path in columns= leads to nothing in any of the first rows, so that they are empty.',
        examples: [{ timestamp: 'propertis.when' }],
      }),
    ),
    declared: Type.Optional(
      Type.Array(Type.String(), {
        description:
          'Types whose scale the preset has declared, as PUT /event-types would, since nobody had declared one.',
        examples: [['rating']],
      }),
    ),
    textColumns: Type.Optional(
      Type.Array(Type.String(), {
        description: 'Columns with some numbers that are texts, because other cells of the column are.',
      }),
    ),
  },
  { description: 'What was decided by looking at the file, and what was changed.' },
);
export type ReadingNotes = Static<typeof ReadingNotes>;
