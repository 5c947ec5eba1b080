import { noteAway, setConnection } from './connection.ts';

const KEY = 'stillhouse-key';
/** Answers of a proxy whose api is away. */
const AWAY = [502, 504];

/** Failure that the api answered with, or `unreachable` where nothing answered. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  /** Members of the problem document beside those of every problem, such as `errors` by field. */
  readonly details: Record<string, unknown>;

  constructor(status: number, code: string, message: string, details: Record<string, unknown> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

export interface Sent {
  /** A body that is sent as JSON. */
  json?: unknown;
  /** A body as it is, such as a file. */
  body?: BodyInit;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export interface Answer<T> {
  body: T;
  headers: Headers;
  status: number;
}

/** Headers take no other characters: browsers refuse to send curly quotes, and the api knows no key with an umlaut. */
export const isSendable = (key: string): boolean => /^[\x21-\x7e]+$/.test(key);

/** Null as well where what is kept cannot be sent. */
export function apiKey(): string | null {
  const key = sessionStorage.getItem(KEY);
  return key !== null && isSendable(key) ? key : null;
}

/** Keeps the key until the tab is closed; null forgets it. What waited for a key is asked again. */
export function keepKey(key: string | null): void {
  if (key === null) sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, key);
  setConnection(key === null ? 'key' : 'up');
}

/** Address of a path of the API as the browser reaches it; the console lies one folder below it. */
export const addressOf = (path: string): string =>
  new URL(`../${path.replace(/^\//, '')}`, document.baseURI).href;

/**
 * Sends a request with the key and answers with body and headers.
 * @param path such as `/jobs?limit=20`
 * @throws ApiError; AbortError when the signal says so
 */
export async function send<T>(method: string, path: string, sent: Sent = {}): Promise<Answer<T>> {
  const answer = await request(method, path, sent);
  return { body: (await bodyOf(answer)) as T, headers: answer.headers, status: answer.status };
}

/** Body of a GET. @throws as `send` */
export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await send<T>('GET', path, signal ? { signal } : {})).body;
}

/** The answer with its body still to be read, such as a stream or a file. @throws as `send` */
export async function request(method: string, path: string, sent: Sent = {}): Promise<Response> {
  const { json, body = json === undefined ? undefined : JSON.stringify(json), signal } = sent;
  const key = apiKey();
  const headers = {
    ...(json !== undefined && { 'content-type': 'application/json' }),
    ...(key !== null && { authorization: `Bearer ${key}` }),
    ...sent.headers,
  };
  const options = { method, headers, ...(body !== undefined && { body }), ...(signal && { signal }) };
  const answer = await fetch(addressOf(path), options).catch((error: Error) => {
    if (error.name === 'AbortError') throw error;
    noteAway();
    throw new ApiError(0, 'unreachable', 'The api does not answer. This page asks again by itself.');
  });
  if (AWAY.includes(answer.status)) noteAway();
  if (!answer.ok) throw await errorOf(answer);
  return answer;
}

async function bodyOf(answer: Response): Promise<unknown> {
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.includes('json') ?? false;
  return isJson && text !== '' ? JSON.parse(text) : text;
}

async function errorOf(answer: Response): Promise<ApiError> {
  const document: unknown = await bodyOf(answer).catch(() => '');
  const {
    code = 'unknown',
    detail,
    title,
    ...rest
  } = (typeof document === 'object' && document !== null ? document : {}) as {
    code?: string;
    detail?: string;
    title?: string;
  };
  if (answer.status === 401) setConnection('key');
  const message = detail ?? title ?? `The answer was ${answer.status} ${answer.statusText}.`;
  return new ApiError(answer.status, code, message, rest);
}
