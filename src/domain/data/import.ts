import { type Static, Type } from 'typebox';
import { ModelName } from '../base/model-name.ts';
import { IMPORT_FORMATS, IMPORT_KINDS, ImportFormat, ImportKind } from './import-kind.ts';
import { InteractionType } from './interaction.ts';
import { PRESET_NAMES } from './reading/presets.ts';
import { ReadingQuery } from './reading/query.ts';
import { Reading } from './reading/reading.ts';

/** Bad lines that an import bears unless it says otherwise. */
export const MAX_REJECTS = 10_000;

/** The query of `POST /imports`; the body is the file itself. */
export const ImportQuery = Type.Object(
  {
    kind: Type.Enum([...IMPORT_KINDS], { description: 'What the rows are.', examples: ['interactions'] }),
    format: Type.Optional(
      Type.Enum([...IMPORT_FORMATS], {
        description: 'How the rows are written. Needed unless a preset says it.',
        examples: ['csv'],
      }),
    ),
    type: Type.Optional({
      ...InteractionType,
      description: 'Of kind=interactions: the type of rows that name none.',
    }),
    preset: Type.Optional(
      Type.Enum([...PRESET_NAMES, 'auto'], {
        description:
          'The options for a well-known file as it is published; what the query says besides goes before. auto guesses by the first lines, and the result says what it took.',
        examples: ['movielens-25m'],
      }),
    ),
    mapping: Type.Optional(
      Type.Enum([...PRESET_NAMES], {
        description: 'The former name of preset.',
        deprecated: true,
        examples: ['movielens-25m'],
      }),
    ),
    ...ReadingQuery,
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
        'x-must-be': 'an address that begins with http:// or https://',
        pattern: '^https?://',
        description:
          'Instead of a body: an address under one of IMPORT_URLS. Its query, such as a signature, is encrypted for the worker and shown nowhere.',
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
    format: Type.Optional(ImportFormat),
    name: Type.Optional(ModelName),
    interactionType: Type.Optional(InteractionType),
    file: Type.Optional(Type.String({ description: 'Key of the uploaded file in the artifact store.' })),
    url: Type.Optional(Type.String({ description: 'Without its query.' })),
    sealedQuery: Type.Optional(
      Type.String({
        description: 'The query of the address, encrypted with SECRETS_KEY; for the worker alone.',
      }),
    ),
    path: Type.Optional(Type.String()),
    bytes: Type.Optional(Type.Integer({ description: 'Of the uploaded file.' })),
    ...Reading.properties,
    maxRejects: Type.Optional(Type.Integer()),
    timestamps: Type.Optional(Type.Enum(['given', 'received'])),
    dryRun: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
export type ImportSpec = Static<typeof ImportSpec>;
