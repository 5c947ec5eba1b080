import { type Static, type TSchema, Type } from 'typebox';

/** `{data, nextCursor}`: pass nextCursor as `cursor` to go on; null on the last page. */
export function Page<T extends TSchema>(row: T) {
  return Type.Object({
    data: Type.Array(row),
    nextCursor: Type.Union([Type.String(), Type.Null()], {
      description: 'Give it as cursor to read on; null on the last page.',
    }),
  });
}

export const PageQuery = Type.Object(
  {
    cursor: Type.Optional(
      Type.String({
        maxLength: 512,
        description: 'The nextCursor of the page before; left out for the first page.',
        examples: ['eyJhdCI6MTc3MjM2NjQwMDAwMH0'],
      }),
    ),
    limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1000,
        default: 50,
        description: 'How many entries a page may have.',
        examples: [50],
      }),
    ),
  },
  { additionalProperties: false },
);
export type PageQuery = Static<typeof PageQuery>;
