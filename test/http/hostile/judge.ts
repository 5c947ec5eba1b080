import type { openDocument, Response } from '../open-api.ts';
import type { HostileRequest } from './requests.ts';
import type { HostileAnswer } from './send.ts';

const PROBLEM = { $ref: '#/components/schemas/Problem' };
const JSON_TYPES = /^application\/(json|.*\+json)$/;

/** Says what of an answer is not in the document; null where nothing is. */
export function judge(
  { document, wrongWith }: ReturnType<typeof openDocument>,
  { method, template, headers }: HostileRequest,
  answer: HostileAnswer,
): string | null {
  const { status } = answer;
  if (status >= 500 && status !== 503) return `a failure of ours: ${answer.text.slice(0, 500)}`;
  const type = String(answer.headers['content-type'] ?? '').split(';')[0]!;
  // A stream that is sent to the older path is answered as by its own.
  const isStream = template === '/interactions' && headers['content-type'] === 'application/x-ndjson';
  const methods = document.paths[isStream ? '/interactions/stream' : template] ?? {};
  const operation = methods[method === 'HEAD' ? 'get' : method.toLowerCase()];
  if (method === 'HEAD' || status === 204 || status === 304) {
    // A route may answer GET and no HEAD.
    if (!operation || status === 405 || status in operation.responses) return null;
    return notDocumented(status, operation.responses);
  }
  // Refused before it has met a route: another path, another method, no HTTP.
  if (status >= 400 && (!operation || !(status in operation.responses)) && status < 500) {
    if (operation && ![404, 405, 414, 417].includes(status))
      return notDocumented(status, operation.responses);
    return type === 'application/problem+json'
      ? misfit(wrongWith, PROBLEM, answer)
      : `a refusal of type ${type}`;
  }
  if (!operation) return null;
  const response = operation.responses[status];
  if (!response) return notDocumented(status, operation.responses);
  const media = response.content?.[type];
  if (!media) return `the type ${type} is not documented for ${status}`;
  if (answer.isStream || !JSON_TYPES.test(type)) return null;
  return misfit(wrongWith, media.schema, answer);
}

const notDocumented = (status: number, responses: Record<string, Response>) =>
  `the status ${status} is not documented beside ${Object.keys(responses)}`;

function misfit(
  wrongWith: ReturnType<typeof openDocument>['wrongWith'],
  schema: object,
  { text, headers }: HostileAnswer,
): string | null {
  // Where a request asked for it the answer came packed, and as text it is lost.
  if (headers['content-encoding']) return null;
  try {
    const wrong = wrongWith(schema, JSON.parse(text));
    return wrong && `the body does not fit: ${wrong}: ${text.slice(0, 500)}`;
  } catch (error) {
    return `the body is no JSON: ${error}: ${text.slice(0, 200)}`;
  }
}
