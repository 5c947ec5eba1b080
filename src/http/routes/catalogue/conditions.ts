import type { FastifyReply, FastifyRequest } from 'fastify';
import { type TSchema, Type } from 'typebox';
import { checkTags } from '../../check-tags.ts';
import { weakTagOf } from '../../plugins/etags.ts';

/** Headers of a change of something that is read with an ETag. */
export const RowConditions = Type.Object({
  'if-match': Type.Optional(
    Type.String({
      description: 'Only if it is as it was when this ETag was read; * for whatever it is, but not for none.',
      examples: ['W/"n4bQgYhMfWWaL-qgxVrQFa"'],
    }),
  ),
  'if-none-match': Type.Optional(
    Type.String({ description: 'Only if it is not as this ETag says; * if there is none.', examples: ['*'] }),
  ),
});

/**
 * Checks a change against what is stored, in the transaction that changes it. The ETags are weak, since answers may be compressed,
 * and are compared without regard to that.
 * @param stored as GET shows it; null for none
 * @param schema of the answer of GET, for a route that has no such answer itself
 * @throws problem('precondition-failed') where it is not as the headers say
 */
export function checkRow(
  what: string,
  request: FastifyRequest,
  reply: FastifyReply,
  stored: object | null,
  schema?: TSchema,
): void {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = request.headers;
  if (ifMatch === undefined && ifNoneMatch === undefined) return;
  // As the answer of GET would be written.
  const write = schema
    ? reply.compileSerializationSchema(schema as unknown as Record<string, unknown>)
    : reply.getSerializationFunction('200', 'application/json')!;
  const tag = stored && weakTagOf(write(stored as Record<string, unknown>));
  checkTags(what, tag, ifMatch && weak(ifMatch), ifNoneMatch && weak(ifNoneMatch));
}

const weak = (list: string) => list.replace(/(^|,)\s*"/g, '$1W/"');
