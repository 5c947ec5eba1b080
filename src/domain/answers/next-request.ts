import { Type } from 'typebox';
import { MAX_K } from './recommend-request.ts';

/** The body of POST /recommend/next. */
export const NextBody = Type.Object(
  {
    recommendationId: Type.String({
      minLength: 1,
      maxLength: 64,
      description: 'Of the last page.',
      examples: ['3b241101-e2bb-4255-8caf-4136c566a962'],
    }),
    k: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_K,
        description: 'How many items; as many as the page before asked for, without it.',
        examples: [10],
      }),
    ),
  },
  { additionalProperties: false },
);
