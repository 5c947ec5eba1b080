import { type AppError, type ProblemCode, problem } from '../../core/errors.ts';
import { Problem } from '../../domain/base/problem.ts';
import { leastScopes } from '../../domain/keys/scope.ts';
import { CONNECTION_ANSWERS, connectionProblem } from '../connection-problem.ts';
import type { Answer, Problems } from './documentation.ts';
import { ALWAYS, type HeaderName, RATE_LIMIT } from './headers.ts';
import type { DocumentedRoute } from './route.ts';

const PROBLEM_TYPE = 'application/problem+json';
const DEFAULT_BODY_LIMIT = 1024 * 1024;
const WITH_BODY = ['POST', 'PUT', 'PATCH', 'DELETE'];

/** The failures of a route by status: those of its kind, its own, and those of every connection. */
export function problemResponses(route: DocumentedRoute): Record<string, Answer> {
  const own = route.schema.problems ?? {};
  const byStatus = new Map<number, AppError[]>();
  for (const [code, detail] of Object.entries({ ...commonProblems(route), ...own })) {
    const error = problem(code as ProblemCode, detail);
    byStatus.set(error.status, [...(byStatus.get(error.status) ?? []), error]);
  }
  const responses = [...byStatus].map(([status, errors]) => [status, problemResponse(errors)] as const);
  const refusals = Object.values(CONNECTION_ANSWERS).map(
    (answer) =>
      [
        answer.status,
        {
          description: answer.title,
          content: {
            [PROBLEM_TYPE]: { schema: Problem, examples: { 'invalid-request': connectionProblem(answer) } },
          },
        },
      ] as const,
  );
  return Object.fromEntries([...responses, ...refusals]);
}

function problemResponse(errors: readonly AppError[]): Answer {
  const headers: HeaderName[] = [...ALWAYS];
  if (errors.some(({ retryAfter }) => retryAfter !== undefined)) headers.push('Retry-After');
  if (errors.some(({ code }) => code === 'rate-limited')) headers.push(...RATE_LIMIT);
  if (errors.some(({ code }) => code === 'unauthorized')) headers.push('WWW-Authenticate');
  const examples = errors.map(({ code, title, status, detail }) => [
    code,
    { type: 'about:blank', title, status, code, detail, requestId: 'c0ffee' },
  ]);
  return {
    description: errors.map(({ title }) => title).join(', or: '),
    headers,
    content: { [PROBLEM_TYPE]: { schema: Problem, examples: Object.fromEntries(examples) } },
  };
}

/** Failures that plugins and parsers answer before a route is asked, and that of a database that is away. */
function commonProblems({ method, url, bodyLimit, config, schema }: DocumentedRoute): Problems {
  const { scope, rawBody, ignoresBody, storeless, quiet } = config;
  const parsesBody = WITH_BODY.includes(method) && !rawBody;
  const params = (schema.params as { properties?: object } | undefined)?.properties ?? {};
  const id = Object.keys(params).find((name) => /id$/i.test(name));
  return {
    ...(parsesBody &&
      !ignoresBody && {
        'malformed-json': 'NaN at line 1, column 63 is not JSON; send a number, or leave the field out.',
      }),
    ...((url.includes(':') || schema.querystring || schema.headers || parsesBody) && {
      'invalid-request': url.includes(':')
        ? 'The path is not valid percent-encoded UTF-8; encode ids with encodeURIComponent.'
        : parsesBody
          ? 'The body is shorter or longer than its Content-Length.'
          : 'dryRun is not known here; leave it out.',
    }),
    ...(id !== undefined && { 'invalid-id': `${id} contains a NUL character; remove it.` }),
    ...(scope !== 'public' && {
      unauthorized: 'Send an API key: "Authorization: Bearer <key>" or "x-api-key: <key>".',
      forbidden: `This needs a key with the scope ${scope === undefined ? 'admin' : leastScopes(scope).join(' or ')}; yours has another.`,
    }),
    // Wrong keys are slowed everywhere, requests only where they are counted.
    ...((!quiet || scope !== 'public') && {
      'rate-limited': quiet
        ? 'This address has sent 30 wrong keys within a minute (WRONG_KEYS_PER_MINUTE); try again in 12 seconds.'
        : 'Key 9f86d081884c may send 600 requests per minute (RATE_LIMIT_PER_MINUTE); try again in 12 seconds.',
    }),
    'not-local':
      'The Host header is "films.example". Without API keys this service answers only as localhost, 127.0.0.1 or [::1]; use one of them, or set API_KEYS and send a key.',
    ...(parsesBody && {
      'payload-too-large': `The body may have at most ${bodyLimit ?? DEFAULT_BODY_LIMIT} bytes here.`,
    }),
    ...(!rawBody && {
      'unsupported-media-type': schema.body
        ? "Content-Type is text/plain; send application/json (with curl: -H 'content-type: application/json')."
        : 'This route does not take Content-Encoding: gzip; send the body uncompressed. POST /imports and POST /interactions/stream take gzip.',
    }),
    ...(!quiet && {
      overloaded:
        '500 requests are being worked on, and MAX_REQUESTS_IN_FLIGHT allows no more; try again in a moment.',
    }),
    internal: 'Something went wrong here; it is logged under request c0ffee.',
    ...(!storeless && {
      'store-unavailable': `The database cannot be ${method === 'GET' ? 'read' : 'written'}; try again in a few seconds.`,
    }),
  };
}
