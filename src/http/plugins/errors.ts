import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { AppError, problem } from '../../core/errors.ts';
import type { App } from '../app-type.ts';
import type { Slow } from './wrong-keys.ts';

/** Every failure leaves as a problem document, through this one place. @param slow what becomes of a wrong key */
export function installErrors(app: App, slow: Slow): void {
  app.setErrorHandler((error, request, reply) =>
    sendProblem(slow(asAppError(error, request), request), error, request, reply),
  );
  app.setNotFoundHandler((request, reply) => {
    const error = problem('not-found', notFoundDetail(request));
    return sendProblem(error, error, request, reply);
  });
}

/** Answers errors before routing, such as a path that cannot be decoded; hooks have not run then. */
export function sendRoutingError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const bad = problem(
    'invalid-request',
    'The path is not valid percent-encoded UTF-8; encode ids with encodeURIComponent.',
  );
  void sendProblem(
    error.code === 'FST_ERR_BAD_URL' ? bad : asAppError(error, request),
    error,
    request,
    reply,
  );
}

function sendProblem(
  error: AppError,
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const { status, code, title, extra, retryAfter } = error;
  const requestId = request.id;
  if (status >= 500 && code !== 'overloaded') request.log.error({ err: thrown }, code);
  // What went wrong inside is for the log. A 503 or 507 says in words written for the caller what to wait for.
  const hidden = status >= 500 && status !== 503 && status !== 507;
  const detail = hidden
    ? `Something went wrong here; it is logged under request ${requestId}.`
    : error.detail;
  // What of the body was not read would have to be read and dropped before the next request.
  if (hasUnreadBody(request)) reply.header('connection', 'close');
  if (retryAfter !== undefined && !reply.hasHeader('retry-after')) reply.header('retry-after', retryAfter);
  if (status === 401) {
    const inBrowser = request.routeOptions.config?.asksInBrowser;
    reply.header('www-authenticate', inBrowser ? 'Basic realm="Stillhouse", charset="UTF-8"' : 'Bearer');
  }
  const document = { type: 'about:blank', title, status, code, detail, requestId, ...(hidden ? {} : extra) };
  // As text, so that no response schema can drop a member.
  return reply
    .code(status)
    .header('x-request-id', requestId)
    .type('application/problem+json')
    .send(JSON.stringify(document));
}

function hasUnreadBody({ raw }: FastifyRequest): boolean {
  const { 'content-length': length = '0', 'transfer-encoding': coding } = raw.headers;
  return !raw.complete && (length !== '0' || coding !== undefined);
}

function asAppError(error: unknown, request: FastifyRequest): AppError {
  if (error instanceof AppError) return error;
  const { code, statusCode = 500, message = '' } = error as Partial<FastifyError>;
  switch (code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return problem('unsupported-media-type', mediaTypeDetail(request));
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return problem(
        'payload-too-large',
        `The body may have at most ${request.routeOptions.bodyLimit} bytes here.`,
      );
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return problem('invalid-request', 'The body is shorter or longer than its Content-Length.');
    default:
      return statusCode >= 400 && statusCode < 500
        ? problem('invalid-request', message)
        : problem('internal', message, {}, error);
  }
}

function mediaTypeDetail(request: FastifyRequest): string {
  const sent = request.headers['content-type'] ?? 'none';
  const right = request.routeOptions.config?.rawBody ? 'text/csv' : 'application/json';
  return `Content-Type is ${sent}; send ${right} (with curl: -H 'content-type: ${right}').`;
}

function notFoundDetail(request: FastifyRequest): string {
  const hint = /^\/(recommend|users|items)\//.test(request.url)
    ? ' If an id contains a slash or a question mark, percent-encode it: encodeURIComponent, %2F and %3F.'
    : ' The routes are listed at /docs.';
  return `There is no such route.${hint}`;
}
