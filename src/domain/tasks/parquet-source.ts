import { type Static, Type } from 'typebox';
import { InteractionType } from '../data/interaction.ts';

const Column = Type.Optional(Type.String({ minLength: 1, maxLength: 200 }));

/** Interactions that a job reads from files in place of the database. */
export const ParquetSource = Type.Object(
  {
    parquet: Type.String({
      minLength: 1,
      maxLength: 1000,
      description:
        'A file of Parquet within IMPORT_DIR, or one below an address of IMPORT_URLS that begins with s3://. A folder means the files *.parquet in it; * and ? in the last part of the path name several.',
      examples: ['s3://lake/events/*.parquet'],
    }),
    columns: Type.Optional(
      Type.Object(
        { userId: Column, itemId: Column, type: Column, value: Column, timestamp: Column, context: Column },
        {
          additionalProperties: false,
          description: 'Names of the columns that have others than these fields.',
          examples: [{ userId: 'visitor', itemId: 'sku', timestamp: 'event_time' }],
        },
      ),
    ),
    type: Type.Optional({
      ...InteractionType,
      description: 'The type of all rows where the files have no column for it.',
    }),
  },
  {
    additionalProperties: false,
    description:
      'Trains on interactions in Parquet in place of those of the database: an export (format=parquet), or files of other systems. dataset.sample and minInteractions are applied while they are read, so that memory depends on what is left. Items, users, declared event types and rules stay those of the installation.',
  },
);
export type ParquetSource = Static<typeof ParquetSource>;
