import { Type } from 'typebox';

const count = (fallback: number, description: string) =>
  Type.Integer({ default: fallback, minimum: 0, maximum: 1_000_000_000, description });
const days = (description: string) => Type.Optional(Type.Number({ exclusiveMinimum: 0, description }));

/** Settings that bound what callers may take of the service: work, connections, memory and disk. */
export const LIMIT_SETTINGS = {
  TRUST_PROXY: Type.String({
    default: '',
    description:
      'Addresses and networks of proxies whose `X-Forwarded-For`, `-Proto` and `-Host` are believed, comma-separated, such as `10.0.0.0/8` or `loopback`. None if unset. Needs `API_KEYS`.',
  }),
  CORS_ORIGINS: Type.String({
    default: '',
    description:
      'Origins whose pages may ask from a browser, comma-separated, such as `https://shop.example`. None if unset. Needs `API_KEYS`.',
  }),
  RATE_LIMIT_PER_MINUTE: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1_000_000_000,
      description:
        'Requests per minute and key, and without a key per address; beyond it 429. Counted in Redis for all api processes together, in each process alone while Redis is away. No limit if unset.',
    }),
  ),
  WRONG_KEYS_PER_MINUTE: count(
    30,
    'Requests with a wrong key per minute and address; further ones get 429 instead of 401. Right keys are not held up. 0 for no limit.',
  ),
  MAX_REQUEST_PLACES: count(
    250_000,
    'Work that one request for recommendations may ask for: users times k, four times that with `diversity`, and 1,000 more per user with `explain`. Beyond it 400. 0 for no limit.',
  ),
  MAX_REQUESTS_IN_FLIGHT: count(
    500,
    'Requests that one api process works on at a time, without streams that are sent and bodies that still come. Beyond it 503. 0 for no limit.',
  ),
  MAX_EVENT_LOOP_DELAY_MS: count(
    5_000,
    'Mean delay of the event loop of an api process over the last second, beyond which requests get 503. 0 for no limit.',
  ),
  MAX_CONNECTIONS: count(
    10_000,
    'Connections to one api process. Beyond it new ones are closed. 0 for no limit.',
  ),
  MAX_CONNECTIONS_PER_ADDRESS: count(
    2_000,
    'Connections from one address to one api process; addresses of `TRUST_PROXY` have no limit of their own. 0 for no limit.',
  ),
  MAX_EVENT_STREAMS: count(
    1_000,
    'Streams of job events (`text/event-stream`) per key, and without a key per address, in one api process. Beyond it 429. 0 for no limit.',
  ),
  HEADERS_SECONDS: Type.Integer({
    default: 20,
    minimum: 1,
    maximum: 3600,
    description: 'Time for the headers of a request to arrive; then 408 and the connection ends.',
  }),
  MIN_BODY_BYTES_PER_SECOND: count(
    1_000,
    'Least rate at which a body has to arrive, on average after its first ten seconds; below it 408 and the connection ends. Streams of interactions (`application/x-ndjson`) may pause. 0 for no limit.',
  ),
  MAX_BODY_SECONDS: count(
    21_600,
    'Time for a body to arrive; then 408 and the connection ends. Streams of interactions have none. 0 for no limit.',
  ),
  MAX_ANSWER_SECONDS: count(
    21_600,
    'Time from a request until its whole answer is taken; then the connection ends, so that a reader of single bytes does not keep it. Streams of events, and of interactions while they are sent, have none. 0 for no limit.',
  ),
  IDLE_SECONDS: Type.Integer({
    default: 72,
    minimum: 1,
    maximum: 86_400,
    description:
      'Time for which a connection may stay open between two requests. Longer than the same of a proxy in front, or it finds connections closed.',
  }),
  MAX_UPLOAD_MIB: count(16_384, 'Size of one body of `POST /imports`; beyond it 413. 0 for no limit.'),
  MAX_UPLOADS_MIB: count(
    65_536,
    'Size of all uploaded files that wait for their imports; beyond it `POST /imports` with a body gets 507. 0 for no limit.',
  ),
  MIN_FREE_DISK_MIB: count(
    512,
    'Free space on the disks of database and artifacts, below which imports are refused with 507, running ones stop, and `/health/ready` warns. 0 for no limit.',
  ),
  MIN_IMPORT_BYTES_PER_SECOND: count(
    1_000,
    'Least rate at which the source of an import has to send, on average over a minute of waiting for it; below it the attempt fails with `source-too-slow`. 0 for no limit.',
  ),
  MAX_IMPORT_SECONDS: count(
    86_400,
    'Time of one attempt of an import; then it fails with `import-timeout`, and the next attempt goes on behind the rows that are stored; that of a teacher begins anew, and is given up after three. 0 for no limit.',
  ),
  KEEP_REJECTS: Type.Integer({
    default: 10_000,
    minimum: 100,
    maximum: 10_000_000,
    description: 'Bad lines that are kept of one import; further ones are counted.',
  }),
  RETAIN_REJECTS_DAYS: Type.Number({
    default: 30,
    exclusiveMinimum: 0,
    description: 'Workers delete the kept bad lines of imports that ended so many days ago.',
  }),
  RETAIN_LOGS_DAYS: Type.Number({
    default: 90,
    exclusiveMinimum: 0,
    description:
      'Workers delete log lines, and events of progress, of jobs that ended so many days ago; their changes of state stay.',
  }),
  RETAIN_JOBS_DAYS: days(
    'Workers delete jobs that ended so many days ago, with all that is kept of them, but for those that stored versions, schedules or unfinished jobs name. All are kept if unset.',
  ),
};
