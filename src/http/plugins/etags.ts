import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { App } from '../app-type.ts';
import type { Answer } from '../docs/documentation.ts';

const Headers = Type.Object({
  'if-none-match': Type.Optional(
    Type.String({ description: 'The ETag of the answer that you have.', examples: ['W/"9f86d081884c7d65"'] }),
  ),
});

/**
 * Gives the answers of routes with `config.etag` an ETag and answers 304 to who has them already. Before the document,
 * which tells of both. The ETag is weak, as an answer may be compressed on its way.
 */
export function installEtags(app: App): void {
  app.addHook('onRoute', (route) => {
    if (!route.config?.etag || !route.schema) return;
    const { response, headers } = route.schema as { response: Record<number, Answer>; headers?: object };
    const whole = response[200]!;
    route.schema = {
      ...route.schema,
      headers: { ...Headers, ...headers },
      response: {
        ...response,
        200: { ...whole, headers: [...(whole.headers ?? []), 'ETag'] },
        304: { description: 'If-None-Match names the answer as it is.', headers: ['ETag'] },
      },
    };
    route.onSend = [route.onSend ?? [], answerIfChanged].flat();
  });
}

/** Returns the ETag of an answer, as it is sent. */
export function weakTagOf(payload: string | Buffer): string {
  return `W/"${createHash('sha256').update(payload).digest('base64url').slice(0, 22)}"`;
}

async function answerIfChanged(
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
): Promise<unknown> {
  if (reply.statusCode !== 200 || (typeof payload !== 'string' && !Buffer.isBuffer(payload))) return payload;
  const etag = weakTagOf(payload);
  reply.header('etag', etag);
  const known = request.headers['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (!known?.some((tag) => tag === '*' || `W/${tag}` === etag)) return payload;
  reply.code(304).removeHeader('content-type').removeHeader('content-length');
  return null;
}
