/** The headers of answers, by the name that routes declare them with. */
const HEADERS = {
  'X-Request-Id': {
    description: 'Names the request in logs and in problem documents; that of the request where it sent one.',
    example: '6fa2b0f4-5a0c-4a4e-9d55-0a3c1a1b6f3e',
  },
  'X-Trace-Id': {
    description: 'Names the trace of the request, where traces are on.',
    example: '4bf92f3577b34da6a3ce929d0e0e4736',
  },
  Location: { description: 'The path of what was made.', example: '/jobs/job_01kq3v5yqk8r7m2d9xw4t6b1ce' },
  ETag: {
    description: 'Changes with the content; for If-Match and If-None-Match.',
    example: '"3-1772366400000"',
  },
  'Retry-After': {
    description: 'Seconds after which the same request may be tried again.',
    schema: { type: 'integer', minimum: 1 },
    example: 5,
  },
  'RateLimit-Limit': {
    description: 'Requests per minute that the key or address may send, where there is a limit.',
    example: '600',
  },
  'RateLimit-Remaining': { description: 'Requests that are left of them.', example: '0' },
  'RateLimit-Reset': { description: 'Seconds until they are counted anew.', example: '12' },
  'Server-Timing': {
    description: 'Milliseconds for the history, the vector made of it, the scan, and in all.',
    example: 'history;dur=0.031, vector;dur=0.012, scan;dur=0.118, total;dur=0.19',
  },
  'Cache-Control': {
    description: 'Who may keep the answer, and for how long.',
    example: 'private, no-store',
  },
  'WWW-Authenticate': { description: 'How to send an API key.', example: 'Bearer' },
  'Accept-Ranges': { description: 'The unit of Range.', example: 'bytes' },
  'Content-Range': { description: 'Which part of the file this is.', example: 'bytes 0-99/4096' },
  'Content-Disposition': {
    description: 'A name to keep the file under.',
    example: 'attachment; filename="items.ndjson"',
  },
  'Content-Encoding': { description: 'gzip, where Accept-Encoding allows it.', example: 'gzip' },
  Vary: { description: 'The request headers that the answer depends on.', example: 'accept-encoding' },
  'X-Accel-Buffering': { description: 'Tells a proxy to pass the stream on at once.', example: 'no' },
} as const;

export type HeaderName = keyof typeof HEADERS;

/** Headers of each answer that a route writes. */
export const ALWAYS: readonly HeaderName[] = ['X-Request-Id', 'X-Trace-Id'];

/** Those of every answer where RATE_LIMIT_PER_MINUTE is set; the document names them with 429 alone. */
export const RATE_LIMIT: readonly HeaderName[] = [
  'RateLimit-Limit',
  'RateLimit-Remaining',
  'RateLimit-Reset',
];

export function headerComponents(names: ReadonlySet<HeaderName>): Record<string, object> {
  return Object.fromEntries(
    [...names].sort().map((name) => [name, { schema: { type: 'string' }, ...HEADERS[name] }]),
  );
}

export function headerReferences(names: readonly HeaderName[]): Record<string, { $ref: string }> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
