import { type Static, Type } from 'typebox';
import { ModelName } from '../base/model-name.ts';
import { MAPPING_NAMES } from './import-mapping.ts';
import { InteractionType } from './interaction.ts';

const IMPORT_KINDS = ['interactions', 'items', 'users', 'teacher'] as const;
export const ImportKind = Type.Enum([...IMPORT_KINDS]);
export type ImportKind = Static<typeof ImportKind>;

const IMPORT_FORMATS = ['csv', 'ndjson'] as const;
export const ImportFormat = Type.Enum([...IMPORT_FORMATS]);
export type ImportFormat = Static<typeof ImportFormat>;

/** Bad lines that an import bears unless it says otherwise. */
export const MAX_REJECTS = 10_000;

/** The query of `POST /imports`; the body is the file itself. */
export const ImportQuery = Type.Object(
  {
    kind: Type.Enum([...IMPORT_KINDS], { description: 'What the rows are.', examples: ['interactions'] }),
    format: Type.Enum([...IMPORT_FORMATS], { description: 'How the rows are written.', examples: ['csv'] }),
    type: Type.Optional({
      ...InteractionType,
      description: 'Of kind=interactions: the type of rows that name none.',
    }),
    mapping: Type.Optional(
      Type.Enum([...MAPPING_NAMES], {
        description: 'The columns of a well-known data set, as it is published.',
        examples: [MAPPING_NAMES[0]!],
      }),
    ),
    columns: Type.Optional(
      Type.String({
        maxLength: 2000,
        description:
          'field:column pairs; other columns are passed over. a|b takes the first that is there, and * among them says that there may be none. Without a header columns are numbers from 1.',
        examples: ['userId:user,itemId:movieId,rating:stars'],
      }),
    ),
    delimiter: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 3,
        description: 'Of CSV; "tab" for a tabulator.',
        examples: ['tab'],
      }),
    ),
    header: Type.Optional(
      Type.Boolean({
        description: 'False: the first line is data already; columns then says which is which.',
        examples: [true],
      }),
    ),
    maxRejects: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 1_000_000,
        default: MAX_REJECTS,
        description: 'The import stops at more bad lines than this.',
        examples: [100],
      }),
    ),
    timestamps: Type.Optional(
      Type.Enum(['given', 'received'], {
        description:
          'Of kind=interactions: what time rows without one get. given (the default): none, and they are older than all others. received: that of the import.',
        examples: ['received'],
      }),
    ),
    dryRun: Type.Optional(
      Type.Boolean({ description: 'Reads and checks everything and stores nothing.', examples: [true] }),
    ),
    name: Type.Optional({
      ...ModelName,
      description:
        'Of kind=teacher: what jobs call it. One of the same name is replaced when the import is through.',
      examples: ['night-model'],
    }),
    url: Type.Optional(
      Type.String({
        maxLength: 2000,
        pattern: '^https?://',
        description: 'Instead of a body: an address under one of IMPORT_URLS.',
        examples: ['https://data.example.com/ratings.csv.gz'],
      }),
    ),
    path: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 1000,
        description: 'Instead of a body: a file within IMPORT_DIR.',
        examples: ['ratings.csv'],
      }),
    ),
  },
  { additionalProperties: false },
);
export type ImportQuery = Static<typeof ImportQuery>;

/** An accepted import: the query, and where the file is: an upload, an address or a path. */
export const ImportSpec = Type.Object(
  {
    type: Type.Literal('import'),
    kind: ImportKind,
    format: ImportFormat,
    name: Type.Optional(ModelName),
    interactionType: Type.Optional(InteractionType),
    file: Type.Optional(Type.String({ description: 'Key of the uploaded file in the artifact store.' })),
    url: Type.Optional(Type.String()),
    path: Type.Optional(Type.String()),
    bytes: Type.Optional(Type.Integer({ description: 'Of the uploaded file.' })),
    columns: Type.Optional(Type.Record(Type.String(), Type.Array(Type.String()))),
    delimiter: Type.Optional(Type.String()),
    header: Type.Optional(Type.Boolean()),
    maxRejects: Type.Optional(Type.Integer()),
    timestamps: Type.Optional(Type.Enum(['given', 'received'])),
    dryRun: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
export type ImportSpec = Static<typeof ImportSpec>;
