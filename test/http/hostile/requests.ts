import { gzipSync } from 'node:zlib';
import type { Rng } from '../../../src/core/rng.ts';
import type { Media, OpenApi, Operation } from '../open-api.ts';
import { HOSTILE_BODIES, HOSTILE_TEXTS, HOSTILE_VALUES } from './texts.ts';

export interface HostileRequest {
  method: string;
  /** With the query, as it is sent. */
  path: string;
  headers: Record<string, string>;
  body?: string | Buffer;
  /** Path of the operation in the document. */
  template: string;
}

/** Values that exist, by the name of the parameter of a path. */
export type Known = Record<string, readonly string[]>;

type Any = <T>(values: readonly T[]) => T;

const METHODS = ['OPTIONS', 'HEAD', 'PATCH', 'PUT', 'DELETE', 'POST', 'GET', 'PROPFIND', 'TRACE'];
const TYPES = [
  'application/json',
  'application/x-ndjson',
  'application/merge-patch+json',
  'application/octet-stream',
  'multipart/form-data; boundary=x',
  'multipart/form-data',
  'text/csv; charset=utf-16',
  'application/json; charset=latin1',
  'application/xml',
  'nonsense',
  '',
];
const HEADERS: readonly (readonly [string, readonly string[]])[] = [
  ['accept', ['image/png', 'text/event-stream', 'application/json;q=0', '*/*', '\u00ff']],
  ['accept-encoding', ['br', 'gzip;q=0', '*', 'zstd, nonsense']],
  ['content-encoding', ['gzip', 'br', 'zstd', 'nonsense']],
  ['range', ['bytes=0-0', 'bytes=-1', 'bytes=9-1', 'bytes=0-0,2-3', 'bytes=99999999999-', 'lines=1']],
  ['if-match', ['"1"', '*', 'W/"x"', 'nonsense', '"', '0']],
  ['if-none-match', ['"1"', '*', 'W/"x"', 'nonsense']],
  ['idempotency-key', ['a', 'x'.repeat(1000), ' ', '💥'.slice(0, 0), 'same']],
  ['last-event-id', ['1', '-1', 'x', '9'.repeat(30)]],
  ['x-forwarded-for', ['10.0.0.1', 'nonsense']],
  ['origin', ['https://example.org', 'null', 'nonsense']],
  ['authorization', ['Bearer nonsense', 'Basic eDp5', 'Bearer', 'x'.repeat(4000)]],
  ['x-api-key', ['', 'nonsense']],
  ['host', ['example.org', '', '127.0.0.1:99999', 'a b']],
  ['traceparent', ['00-0-0-0', 'nonsense']],
  ['expect', ['100-continue']],
  ['x-request-id', ['\u00e9', 'x'.repeat(3000)]],
];

/** Returns the operations of a document, each once, as `hostileRequest` takes them. */
export function operationsOf({
  paths,
}: OpenApi): { template: string; method: string; operation: Operation }[] {
  return Object.entries(paths).flatMap(([template, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      template,
      method: method.toUpperCase(),
      operation,
    })),
  );
}

/**
 * A request to an operation as nobody should send it: it begins as the document's own example, and some of its path, query,
 * headers, body and method are replaced, broken, doubled or left out at random.
 */
export function hostileRequest(
  rng: Rng,
  { template, method, operation }: ReturnType<typeof operationsOf>[number],
  known: Known,
): HostileRequest {
  const any: Any = (values) => values[rng.int(values.length)]!;
  const often = (times: number) => rng.int(times) === 0;
  const path = pathOf(template, operation, known, any, often) + queryOf(operation, any, often);
  const headers: Record<string, string> = {};
  const body = bodyOf(operation.requestBody?.content, headers, rng, any, often);
  if (often(4)) {
    const [name, values] = any(HEADERS);
    headers[name] = any(values);
  }
  // A body that is packed in truth, under the header that says so.
  const isPacked = body !== undefined && headers['content-encoding'] === 'gzip' && often(2);
  return {
    method: often(25) ? any(METHODS) : method,
    path,
    headers,
    template,
    ...(body !== undefined && { body: isPacked ? gzipSync(body) : body }),
  };
}

function pathOf(
  template: string,
  { parameters = [] }: Operation,
  known: Known,
  any: Any,
  often: Often,
): string {
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const declared = parameters.find((one) => one.in === 'path' && one.name === name);
    const value = often(4) ? any(HOSTILE_TEXTS) : any(known[name] ?? examplesOf(declared));
    return often(30) ? value.replace(/[^!-~]|[?#]/g, '%') : safely(value);
  });
  return often(60) ? `${filled}${any(['/', '//', '/..', '%2f', ';x=1', '/%'])}` : filled;
}

type Often = (times: number) => boolean;

/** A lone surrogate has no bytes in UTF-8. */
const safely = (text: string) => encodeURIComponent(text.toWellFormed());

function queryOf({ parameters = [] }: Operation, any: Any, often: Often): string {
  const parts: string[] = [];
  for (const parameter of parameters.filter((one) => one.in === 'query')) {
    if (!often(4)) continue;
    const value = often(2) ? any(examplesOf(parameter)) : any(HOSTILE_TEXTS);
    const part = `${parameter.name}${often(12) ? '[]' : ''}=${safely(value)}`;
    parts.push(part, ...(often(8) ? [part, `${parameter.name}=${safely(any(HOSTILE_TEXTS))}`] : []));
  }
  if (often(15)) parts.push(any(['__proto__=1', 'toString=1', '=', '&&', 'x', '%', 'k[a]=1', 'a=%zz']));
  return parts.length > 0 ? `?${parts.join('&')}` : '';
}

function examplesOf(parameter: NonNullable<Operation['parameters']>[number] | undefined): string[] {
  const examples = Object.values((parameter?.examples ?? {}) as Record<string, { value: unknown }>);
  const values = parameter?.example === undefined ? examples.map(({ value }) => value) : [parameter.example];
  return values.length === 0
    ? ['1']
    : values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
}

function bodyOf(
  content: Record<string, Media> | undefined,
  headers: Record<string, string>,
  rng: Rng,
  any: Any,
  often: Often,
): string | undefined {
  const types = Object.keys(content ?? {});
  // Reading routes are sent a body now and then as well.
  if (types.length === 0 && !often(15)) return undefined;
  if (often(20)) return undefined;
  const type = types.length > 0 ? any(types) : 'application/json';
  headers['content-type'] = often(15) ? any(TYPES) : type;
  if (headers['content-type'] === '') delete headers['content-type'];
  if (often(6)) return any(HOSTILE_BODIES);
  const examples = Object.values(content?.[type]?.examples ?? {}).map(({ value }) => value);
  const example = examples.length > 0 ? any(examples) : {};
  if (typeof example === 'string') return broken(example, rng, often);
  const changed = often(3) ? example : changedSomewhere(example, rng, any);
  const text = JSON.stringify(changed);
  return often(15) ? broken(text, rng, often) : text;
}

/** Cut off, or with a piece of it twice. */
function broken(text: string, rng: Rng, often: Often): string {
  if (often(2) || text === '') return text;
  const at = rng.int(text.length);
  return often(2) ? text.slice(0, at) : text.slice(0, at) + text.slice(rng.int(at + 1));
}

/** A copy in which one or two places have another value, are gone or are new. */
function changedSomewhere(example: unknown, rng: Rng, any: Any): unknown {
  const copy = { root: structuredClone(example) };
  for (let times = 1 + rng.int(2); times > 0; times--) {
    const places: [Record<string, unknown>, string][] = [];
    collectPlaces(copy, places);
    const [holder, name] = any(places);
    const act = rng.int(4);
    if (act === 0 && holder !== copy) delete holder[name];
    else if (act === 1 && typeof holder[name] === 'object' && holder[name] !== null)
      Object.assign(holder[name], {
        [any(['odd', '0', 'k', 'toString'])]: structuredClone(any(HOSTILE_VALUES)),
      });
    else holder[name] = structuredClone(any(HOSTILE_VALUES));
  }
  return copy.root;
}

function collectPlaces(value: unknown, places: [Record<string, unknown>, string][]): void {
  if (typeof value !== 'object' || value === null) return;
  for (const name of Object.keys(value)) {
    places.push([value as Record<string, unknown>, name]);
    // A list of thousands is one place: its first few stand for all.
    if (places.length < 500) collectPlaces((value as Record<string, unknown>)[name], places);
  }
}
