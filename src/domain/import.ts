import { type Static, Type } from 'typebox';
import { InteractionType } from './interaction.ts';

export const ImportKind = Type.Enum(['interactions', 'items', 'users']);
export type ImportKind = Static<typeof ImportKind>;

const ImportFormat = Type.Enum(['csv', 'ndjson']);
export type ImportFormat = Static<typeof ImportFormat>;

/** The query of `POST /imports`; the body is the file itself. */
export const ImportQuery = Type.Object(
  {
    kind: ImportKind,
    format: ImportFormat,
    type: Type.Optional(InteractionType),
  },
  { additionalProperties: false },
);
export type ImportQuery = Static<typeof ImportQuery>;

/** An accepted import: the query and where the body was put. */
export const ImportSpec = Type.Object(
  {
    type: Type.Literal('import'),
    kind: ImportKind,
    format: ImportFormat,
    interactionType: Type.Optional(InteractionType),
    file: Type.String({ description: 'Key of the uploaded file in the artifact store.' }),
    bytes: Type.Integer(),
  },
  { additionalProperties: false },
);
export type ImportSpec = Static<typeof ImportSpec>;
