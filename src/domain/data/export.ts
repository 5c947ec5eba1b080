import { type Static, Type } from 'typebox';
import { InteractionType } from './interaction.ts';

/** Text in a query; the route reads it as times are read everywhere else. */
const Time = Type.Optional(
  Type.String({
    maxLength: 64,
    description: 'ISO-8601, or a Unix time in seconds or milliseconds. since is included, until is not.',
    examples: ['2026-03-01T12:00:00Z'],
  }),
);

export const ExportFormat = Type.Enum(['ndjson', 'csv']);
const Format = Type.Optional(
  Type.Enum(['ndjson', 'csv'], {
    default: 'ndjson',
    examples: ['csv'],
    description:
      'ndjson: one JSON object per line, lossless. csv: a header and rows that POST /imports takes back; lists are joined by |, features are a JSON cell.',
  }),
);

export const ExportQuery = Type.Object({ format: Format }, { additionalProperties: false });

export const InteractionExportQuery = Type.Object(
  {
    format: Type.Optional(
      Type.Enum(['ndjson', 'csv', 'parquet'], {
        default: 'ndjson',
        examples: ['csv'],
        description:
          'ndjson: one JSON object per line, lossless. csv: a header and rows. parquet: the same columns, lossless, which jobs read as dataset.source too. POST /imports takes all three back.',
      }),
    ),
    type: Type.Optional({ ...InteractionType, description: 'Only interactions of this type.' }),
    since: Time,
    until: Time,
  },
  { additionalProperties: false },
);
export type InteractionExportQuery = Static<typeof InteractionExportQuery>;
