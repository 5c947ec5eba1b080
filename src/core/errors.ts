/**
 * The one catalogue of everything that can go wrong on purpose. A code is stable: clients branch on it.
 * `retryable` tells the job layer and clients whether the same request can succeed later by itself, `retryAfter` after
 * how many seconds a client should try.
 */
const catalogue = {
  'malformed-json': { status: 400, title: 'The body is not valid JSON', retryable: false },
  'invalid-request': { status: 400, title: 'The request does not fit the schema', retryable: false },
  'invalid-id': { status: 400, title: 'An id is not usable', retryable: false },
  'invalid-rows': { status: 422, title: 'No row could be stored', retryable: false },
  'invalid-csv': { status: 422, title: 'The CSV cannot be read', retryable: false },
  'invalid-job': { status: 422, title: 'The job cannot be run as described', retryable: false },
  'invalid-schedule': { status: 422, title: 'The schedule cannot be kept as described', retryable: false },
  'invalid-webhook': { status: 422, title: 'The webhook cannot be kept as described', retryable: false },
  'not-enough-data': { status: 422, title: 'There is not enough data', retryable: false },
  'invalid-training-input': { status: 422, title: 'Training input is invalid', retryable: false },
  'job-timeout': { status: 422, title: 'The job ran longer than it may', retryable: false },
  'memory-limit': { status: 422, title: 'The job took more memory than it may', retryable: false },
  'idempotency-conflict': {
    status: 422,
    title: 'The idempotency key belongs to another request',
    retryable: false,
  },
  'training-diverged': { status: 422, title: 'Training diverged', retryable: false },
  unauthorized: { status: 401, title: 'An API key is required', retryable: false },
  forbidden: { status: 403, title: 'The API key does not allow this', retryable: false },
  'source-not-allowed': { status: 403, title: 'The settings do not allow this source', retryable: false },
  'not-local': { status: 403, title: 'Without API keys only this machine may ask', retryable: false },
  'not-found': { status: 404, title: 'Not found', retryable: false },
  'method-not-allowed': { status: 405, title: 'Method not allowed', retryable: false },
  conflict: { status: 409, title: 'Conflict with the current state', retryable: false },
  cancelled: { status: 409, title: 'The job was cancelled', retryable: false },
  'precondition-failed': { status: 412, title: 'It has changed since', retryable: false },
  'range-not-satisfiable': { status: 416, title: 'The range is not in the file', retryable: false },
  'payload-too-large': { status: 413, title: 'The body is too large', retryable: false },
  'queue-full': { status: 429, title: 'Too many jobs are waiting', retryable: true, retryAfter: 30 },
  'rate-limited': { status: 429, title: 'Too many requests', retryable: true, retryAfter: 60 },
  'unsupported-media-type': { status: 415, title: 'Unsupported content type', retryable: false },
  'out-of-memory': { status: 500, title: 'Out of memory', retryable: false },
  'invalid-artifact': { status: 500, title: 'A model artifact is damaged', retryable: false },
  'backend-unavailable': {
    status: 500,
    title: 'The requested tensor backend is not available',
    retryable: false,
  },
  'trainer-crashed': { status: 500, title: 'The trainer process ended unexpectedly', retryable: true },
  internal: { status: 500, title: 'Internal error', retryable: true },
  'queue-unavailable': {
    status: 503,
    title: 'The job queue is not reachable',
    retryable: true,
    retryAfter: 5,
  },
  'store-unavailable': { status: 503, title: 'The database is not usable', retryable: true, retryAfter: 5 },
  'source-unavailable': { status: 502, title: 'The file to import cannot be fetched', retryable: true },
  'source-too-slow': { status: 504, title: 'The file to import comes too slowly', retryable: true },
  'import-timeout': { status: 504, title: 'The import took longer than one attempt may', retryable: true },
  overloaded: { status: 503, title: 'Too much is being asked at once', retryable: true, retryAfter: 1 },
  'storage-full': { status: 507, title: 'There is no room to store it', retryable: true, retryAfter: 60 },
  'not-ready': { status: 503, title: 'Not ready yet', retryable: true, retryAfter: 2 },
} as const satisfies Record<string, Failure>;

interface Failure {
  status: number;
  title: string;
  retryable: boolean;
  retryAfter?: number;
}

export type ProblemCode = keyof typeof catalogue;
export const PROBLEM_CODES = Object.keys(catalogue) as ProblemCode[];

/** An expected failure. `detail` is written for the caller: it names the field, line or id and says what would be right. */
export class AppError extends Error {
  readonly code: ProblemCode;
  readonly detail: string;
  /** Further members for the problem document, such as `errors` or `models`. */
  readonly extra: Record<string, unknown>;

  constructor(code: ProblemCode, detail: string, extra: Record<string, unknown> = {}, cause?: unknown) {
    super(detail, { cause });
    this.name = 'AppError';
    this.code = code;
    this.detail = detail;
    this.extra = extra;
  }

  get status(): number {
    return catalogue[this.code].status;
  }

  get title(): string {
    return catalogue[this.code].title;
  }

  get retryable(): boolean {
    return catalogue[this.code].retryable;
  }

  /** Seconds after which the same request may be tried again; undefined where waiting does not help. */
  get retryAfter(): number | undefined {
    return (catalogue[this.code] as Failure).retryAfter;
  }
}

export function problem(
  code: ProblemCode,
  detail: string,
  extra: Record<string, unknown> = {},
  cause?: unknown,
): AppError {
  return new AppError(code, detail, extra, cause);
}

export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(catalogue, code);
}

/** Anything thrown, as text; for logs and for wrapping the errors of libraries. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
