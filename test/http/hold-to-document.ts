import type { FastifyReply, FastifyRequest } from 'fastify';
import type { App } from '../../src/http/app-type.ts';
import { type OpenApi, openDocument, type Response } from './open-api.ts';

/** Headers of the transport; no answer declares them. */
const TRANSPORT = [
  ...['content-type', 'content-length', 'transfer-encoding', 'connection', 'date', 'vary'],
  ...['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset'],
];
/** For browsers, on every answer. */
const FOR_BROWSERS =
  /^(access-control-|content-security-policy|cross-origin-|origin-agent-cluster|referrer-policy|x-(content-type-options|dns-prefetch-control|download-options|frame-options|permitted-cross-domain-policies|xss-protection)$)/;
const PROBLEM_TYPE = 'application/problem+json';
const PROBLEM = { $ref: '#/components/schemas/Problem' };

let opened: ReturnType<typeof openDocument> | undefined;

/**
 * Holds every answer that a test gets to the document: its status, its headers, its type and its body.
 * @returns ends the test with an error that lists what the document does not say
 */
export function holdToDocument(app: App): () => void {
  const broken = new Set<string>();
  app.addHook('onSend', async (request, reply, payload) => {
    // All apps have the same routes.
    opened ??= openDocument(app.swagger());
    for (const wrong of findWrong(opened, request, reply, payload)) {
      broken.add(`${request.method} ${request.routeOptions.url} ${reply.statusCode}: ${wrong}`);
    }
    return payload;
  });
  return () => {
    if (broken.size > 0) throw new Error(`openapi.json does not say:\n${[...broken].join('\n')}`);
  };
}

function findWrong(
  { document, wrongWith }: ReturnType<typeof openDocument>,
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
): string[] {
  const type = String(reply.getHeader('content-type')).split(';')[0]!;
  const response = documentedResponse(document, request, reply.statusCode);
  // Pages for people and the document itself are no part of the API; their failures look like all others.
  if (response === 'hidden') {
    const misfit = type === PROBLEM_TYPE ? wrongWith(PROBLEM, JSON.parse(String(payload))) : null;
    return misfit === null ? [] : [`the problem does not fit: ${misfit}`];
  }
  if (!response) return ['the status is not documented'];
  const { headers = {}, content = {} } = response;
  const declared = Object.keys(headers).map((name) => name.toLowerCase());
  const sent = Object.keys(reply.getHeaders()).filter(
    (name) => !TRANSPORT.includes(name) && !FOR_BROWSERS.test(name),
  );
  const wrong = sent
    .filter((name) => !declared.includes(name))
    .map((name) => `the header ${name} is not declared`);
  const hasNoBody = request.method === 'HEAD' || reply.statusCode === 204 || reply.statusCode === 304;
  if (hasNoBody) return wrong;
  const media = content[type];
  if (!media) return [...wrong, `the type ${type} is not documented`];
  if (!type.endsWith('json') || (typeof payload !== 'string' && !Buffer.isBuffer(payload))) return wrong;
  const misfit = wrongWith(media.schema, JSON.parse(payload.toString()));
  return misfit === null ? wrong : [...wrong, `the body does not fit: ${misfit}: ${payload}`];
}

function documentedResponse(
  { paths }: OpenApi,
  { method, headers, routeOptions: { url, schema } }: FastifyRequest,
  status: number,
): Response | undefined | 'hidden' {
  if (url === undefined || schema?.hide || !schema?.operationId) return 'hidden';
  // A stream that is sent to the older path is answered as by its own, which keeps the answer to JSON one shape.
  const isStream = url === '/interactions' && headers['content-type'] === 'application/x-ndjson';
  const path = isStream ? '/interactions/stream' : url.replace(/:(\w+)/g, '{$1}');
  const operation = paths[path]?.[method === 'HEAD' ? 'get' : method.toLowerCase()];
  return operation?.responses[status];
}
