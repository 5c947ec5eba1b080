import path from 'node:path';
import { type Static, Type } from 'typebox';
import { addressesOf, listOf, originsOf } from './checked-list.ts';
import { KAFKA_SETTINGS } from './kafka-settings.ts';
import { LIMIT_SETTINGS } from './limit-settings.ts';
import { readEnvironment } from './read-environment.ts';
import { type ShownSetting, showSettings } from './shown-settings.ts';
import { TRACE_SETTINGS } from './trace-settings.ts';

const nothing = { default: '' };

// Long because it is the list of all settings.
/** Every setting of an installation: name, limits, default and meaning. docs/settings.md is this table. */
export const Environment = Type.Object({
  HOST: Type.String({
    default: '127.0.0.1',
    minLength: 1,
    description:
      'Address to listen on. Without `API_KEYS` only loopback is allowed, and requests that name another host or that a browser sends for the page of another site are refused.',
  }),
  PORT: Type.Integer({ default: 3000, minimum: 0, maximum: 65_535, description: 'Port to listen on.' }),
  WORKER_PORT: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 65_535,
      description:
        'Port on which a worker answers `/health/live`, `/health/ready` and `/metrics`, at the address `HOST`, without a key: they tell nothing of users, but keep the port inside your network. None if unset.',
    }),
  ),
  DATA_DIR: Type.String({
    default: './data',
    minLength: 1,
    description:
      'Folder of database, artifacts and private Redis. Two installations with other `PORT` and `DATA_DIR` live side by side.',
  }),
  REDIS_URL: Type.Optional(
    Type.String({
      'x-must-be':
        'an address that begins with redis://, rediss:// or unix://, redis+sentinel://host:port,host:port/master, or redis+cluster://host:port,host:port',
      pattern: '^((rediss?|unix)://|rediss?[+]sentinel://[^/]+/[^/?]+|rediss?[+]cluster://[^/?]+$)',
      description:
        '`redis://`, `rediss://` (TLS), `unix://`, `redis+sentinel://` or `redis+cluster://` ([scale](scale.md#redis)). Without it the all-in-one process starts a private Redis.',
    }),
  ),
  REDIS_PREFIX: Type.Optional(
    Type.String({
      'x-must-be': '1-64 letters, digits, dots, underscores and hyphens',
      pattern: '^[A-Za-z0-9._-]{1,64}$',
      description:
        'Begins every key and channel in Redis, `stillhouse` if unset. Installations that share one Redis need one each. Letters, digits, `.`, `_`, `-`.',
    }),
  ),
  DATABASE_URL: Type.Optional(
    Type.String({
      'x-must-be': 'sqlite: and the absolute path of a file, or postgres://user:password@host:5432/database',
      pattern: '^(sqlite|postgres(ql)?):',
      description:
        '`sqlite:/absolute/file`, or `postgres://user:password@host:5432/database` (PostgreSQL 14 or newer). A SQLite file in `DATA_DIR` if unset.',
    }),
  ),
  ARTIFACTS_URL: Type.Optional(
    Type.String({
      'x-must-be': 'file: and the absolute path of a folder, or s3://bucket/prefix',
      pattern: '^(file:|s3://[a-z0-9])',
      description:
        '`file:/absolute/folder` of stored models, or `s3://bucket/prefix` ([scale](scale.md#artifacts-in-an-object-store)). A folder in `DATA_DIR` if unset.',
    }),
  ),
  ARTIFACTS_S3_ENDPOINT: Type.Optional(
    Type.String({
      'x-must-be': 'an address that begins with http:// or https://',
      pattern: '^https?://[^/]',
      description:
        'Address of the server of `ARTIFACTS_URL=s3://...`, such as `http://minio:9000`; Amazon’s if unset. Credentials are found as all AWS programs find them: `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, profiles, roles.',
    }),
  ),
  ARTIFACTS_S3_REGION: Type.Optional(
    Type.String({
      'x-must-be': 'the name of a region, such as eu-central-1',
      pattern: '^[a-z0-9-]{1,64}$',
      description:
        'Region of the bucket. If unset, `us-east-1` with an endpoint, and otherwise what `AWS_REGION` or the profile says.',
    }),
  ),
  ARTIFACTS_S3_PATH_STYLE: Type.Enum(['auto', 'true', 'false'], {
    default: 'auto',
    description:
      '`true`: the bucket is the first part of the path; `false`: of the name of the host; `auto`: of the path where there is an endpoint.',
  }),
  ARTIFACTS_CACHE_DIR: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'Folder of copies of what was read from `ARTIFACTS_URL=s3://...`, `artifacts-cache` in `DATA_DIR` if unset. While the store is away an api starts and serves from them.',
    }),
  ),
  ARTIFACTS_CACHE_MIB: Type.Integer({
    default: 4096,
    minimum: 0,
    maximum: 1_073_741_824,
    description: 'Space for these copies. The least recently used goes first; 0 for none.',
  }),
  API_KEYS: Type.String({
    ...nothing,
    description:
      '`sha256hex:scope+scope,...`: the first keys, which [make further ones](security.md). The scopes are `recommend`, `events`, `read`, `write` (formerly `ingest`), `train`, `publish`, `admin`. Keys are sent as `Authorization: Bearer` or `x-api-key`. The page about the queue, `/admin/queue`, needs `admin`; a browser asks for the key as the password.',
  }),
  SECRETS_KEY: Type.Optional(
    Type.String({
      minLength: 32,
      maxLength: 1024,
      'x-must-be': 'at least 32 characters, such as openssl rand -hex 32 gives; the same for api and workers',
      description:
        'Encrypts the secrets of webhooks and the queries of import addresses, and hashes users and addresses in the audit. At least 32 characters, the same for api and workers. A file in `DATA_DIR`, `secret.key`, if unset.',
    }),
  ),
  LOG_ADDRESSES: Type.Enum(['plain', 'hashed', 'off'], {
    default: 'plain',
    description:
      'Addresses of senders in log lines and in the audit: as they are, as pseudonyms that tell senders apart, or not at all.',
  }),
  AUDIT_DAYS: Type.Number({
    default: 365,
    exclusiveMinimum: 0,
    maximum: 36_500,
    description: 'The [audit](security.md#the-audit) keeps its entries for so long.',
  }),
  DEFAULT_MODEL: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'Model that answers when a request names none and `PUT /default-model` has chosen none; the model that went live first if unset.',
    }),
  ),
  TENSOR_BACKEND: Type.Enum(['auto', 'gpu', 'native', 'wasm', 'cpu'], {
    default: 'auto',
    description: '`gpu`, `native`, `wasm`, `cpu`, or with `auto` the first of them that works.',
  }),
  TENSOR_MEMORY_MIB: Type.Integer({
    default: 512,
    minimum: 16,
    maximum: 1_048_576,
    description:
      'Budget for the scores of one training batch. A softmax over a larger catalogue is taken in chunks.',
  }),
  TRAINER_MEMORY_MIB: Type.Optional(
    Type.Integer({
      minimum: 256,
      maximum: 16_777_216,
      description:
        'Memory that one trainer may take: teachers that do not fit are not tried, and beyond it the trainer is ended. If unset, four fifths of the memory of the machine or of its container, by `WORKER_CONCURRENCY`. A job with `maxRssMiB` has a limit of its own.',
    }),
  ),
  MODEL_MEMORY_MIB: Type.Integer({
    default: 1024,
    minimum: 1,
    maximum: 1_048_576,
    description:
      'Memory of all loaded models together. Beyond it the least recently used are unloaded until somebody asks for them.',
  }),
  SERVED_SAMPLE: Type.Number({
    default: 0.1,
    minimum: 0,
    maximum: 1,
    description:
      'Share of recommendations that are written down, with hashes of their users, for `GET /models/{name}/online`. Of users that an experiment counts all are.',
  }),
  WORKER_CONCURRENCY: Type.Integer({
    default: 1,
    minimum: 1,
    maximum: 64,
    description:
      'Trainings at a time per worker. `stillhouse worker --concurrency N` sets it; of a worker that takes imports and no trainings it sets `IMPORT_CONCURRENCY`.',
  }),
  WORKER_QUEUES: Type.String({
    default: 'imports,training,maintenance',
    'x-must-be': 'one or more of imports, training, maintenance, comma-separated',
    pattern: '^ *(imports|training|maintenance) *(, *(imports|training|maintenance) *)*$',
    description:
      '[Lanes](scale.md#lanes) that a worker takes, comma-separated; `stillhouse worker --queues` says the same. `maintenance` is upkeep: schedules, retention, old versions, popularity, webhooks, drift.',
  }),
  IMPORT_CONCURRENCY: Type.Integer({
    default: 2,
    minimum: 1,
    maximum: 64,
    description: 'Imports at a time per worker, beside its trainings.',
  }),
  PARTS_FROM_SECONDS: Type.Number({
    default: 20,
    minimum: 0,
    maximum: 1e9,
    description:
      'Candidates of `auto` that are estimated to take at least so many seconds are offered to other workers that are idle, where there are some ([scale](scale.md#one-job-on-many-workers)).',
  }),
  JOBS_PER_GPU: Type.Integer({
    default: 1,
    minimum: 1,
    maximum: 64,
    description: 'On a machine with GPUs: jobs at a time per GPU, within `WORKER_CONCURRENCY`.',
  }),
  MAX_RUNNING_JOBS: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 100_000,
      description: 'Jobs of one lane at a time over all workers; no limit if unset.',
    }),
  ),
  MAX_QUEUED_JOBS: Type.Integer({
    default: 10_000,
    minimum: 1,
    maximum: 10_000_000,
    description: 'Further jobs are refused with 429.',
  }),
  LEAVE_SECONDS: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 3600,
    description:
      'Time for which an api that gets SIGTERM goes on answering while `/health/ready` says that it leaves: as long as a load balancer takes to see that, and then no request fails in a rolling restart. SIGINT does not wait.',
  }),
  DRAIN_SECONDS: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 86_400,
    description: 'Time for which a worker that is stopped lets its jobs go on before it puts them back.',
  }),
  LOST_WORKER_SECONDS: Type.Integer({
    default: 10,
    minimum: 1,
    maximum: 3600,
    description:
      'A worker that is silent for so long, since it was killed or cut off, has lost its jobs: they run again, elsewhere or when it is back.',
  }),
  STAGES_DIR: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'Folder of checkpoints and trained teachers, `stages` in `DATA_DIR` if unset. Where machines share it, or artifacts lie in a bucket, jobs go on elsewhere.',
    }),
  ),
  CHECKPOINT_SECONDS: Type.Number({
    default: 15,
    minimum: 0,
    maximum: 86_400,
    description: 'Least time between two checkpoints of a training loop.',
  }),
  TEACHER_CACHE_MIB: Type.Integer({
    default: 4096,
    minimum: 0,
    maximum: 1_073_741_824,
    description: 'Space for trained teachers. The least recently used goes first.',
  }),
  IMPORT_URLS: Type.String({
    ...nothing,
    description:
      'Addresses that `POST /imports?url=` may fetch, and those with `s3://` that `dataset.source` may read, comma-separated, each with everything below it. None if unset.',
  }),
  IMPORT_DIR: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        "Folder on the worker's machine that `POST /imports?path=` and `dataset.source` may read. None if unset.",
    }),
  ),
  WEBHOOK_URLS: Type.String({
    ...nothing,
    description:
      'Addresses that [webhooks](webhooks.md) may have, comma-separated, each with everything below it; `*` for any public one by https. None if unset.',
  }),
  WEBHOOK_PRIVATE_ADDRESSES: Type.String({
    ...nothing,
    description:
      'Private addresses and networks that webhooks may reach nevertheless, such as `10.0.0.7,192.168.0.0/16`. None if unset.',
  }),
  RETAIN_DAYS: Type.Optional(
    Type.Number({
      exclusiveMinimum: 0,
      description:
        'Workers delete interactions older than so many days, in small steps; those without a time stay. All are kept if unset.',
    }),
  ),
  KEEP_VERSIONS: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 100_000,
      description:
        'Workers delete versions of a model beyond its newest so many, but for those with aliases or tags, the one that each alias had before, and those that jobs or schedules need. `PATCH /models/{name}/settings` says it for one model. All are kept if unset.',
    }),
  ),
  POPULARITY_HALF_LIFE_DAYS: Type.Number({
    default: 30,
    minimum: 0,
    maximum: 36_500,
    description:
      'Days in which a user’s interest in an item counts half for `/popular` and wherever popularity answers; 0 for interest that does not age. The same for api and workers.',
  }),
  READY_WITHOUT_MODELS: Type.Enum(['true', 'false'], {
    default: 'false',
    description:
      '`true`: `/health/ready` answers 200 although a model that was live before could not be loaded since the start, so that popularity answers in its place.',
  }),
  RECOMMEND_UNLISTED: Type.Enum(['auto', 'always', 'never'], {
    default: 'auto',
    description:
      'Whether items are recommended of which only interactions speak. `auto`: where the catalogue has less than half of all items; `never`: only where it has none.',
  }),
  ...KAFKA_SETTINGS,
  ...LIMIT_SETTINGS,
  ...TRACE_SETTINGS,
  LOG_LEVEL: Type.Enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
    default: 'info',
    description: 'Least level of log lines.',
  }),
});

type Environment = Static<typeof Environment>;

/** `DATA_DIR` -> `dataDir` */
type CamelCase<Name extends string> = Name extends `${infer Head}_${infer Rest}`
  ? `${Lowercase<Head>}${Capitalize<CamelCase<Rest>>}`
  : Lowercase<Name>;

type Derived =
  | 'dataDir'
  | 'databaseUrl'
  | 'artifactsUrl'
  | 'artifactsCacheDir'
  | 'importUrls'
  | 'webhookUrls'
  | 'webhookPrivateAddresses'
  | 'stagesDir'
  | 'trustProxy'
  | 'corsOrigins';

/** The settings under the names of variables in code; folders are absolute, and what depends on `DATA_DIR` is filled in. */
export type Config = {
  [Name in keyof Environment as Exclude<CamelCase<Name>, Derived>]: Environment[Name];
} & {
  dataDir: string;
  databaseUrl: string;
  artifactsUrl: string;
  artifactsCacheDir: string;
  importUrls: string[];
  webhookUrls: string[];
  webhookPrivateAddresses: string[];
  stagesDir: string;
  trustProxy: string[];
  corsOrigins: string[];
};

/**
 * Reads the settings once, at start; no other file looks at the environment. An empty variable counts as unset.
 * @throws Error that names each wrong variable and what would be right
 */
export function readConfig(env: Record<string, string | undefined> = process.env): Config {
  const values = readEnvironment(Environment, env);
  const dataDir = path.resolve(values.DATA_DIR);
  const within = (name: string) => path.join(dataDir, name);
  const named = Object.fromEntries(
    Object.keys(Environment.properties).map((name) => [camelCase(name), values[name as keyof Environment]]),
  ) as unknown as Config;
  return {
    ...named,
    dataDir,
    databaseUrl: values.DATABASE_URL ?? `sqlite:${within('stillhouse.db')}`,
    artifactsUrl: values.ARTIFACTS_URL ?? `file:${within('artifacts')}`,
    importUrls: addressesOf('IMPORT_URLS', values.IMPORT_URLS),
    webhookUrls: addressesOf('WEBHOOK_URLS', values.WEBHOOK_URLS, ['*']),
    webhookPrivateAddresses: listOf(values.WEBHOOK_PRIVATE_ADDRESSES),
    artifactsCacheDir:
      values.ARTIFACTS_CACHE_DIR === undefined
        ? within('artifacts-cache')
        : path.resolve(values.ARTIFACTS_CACHE_DIR),
    trustProxy: listOf(values.TRUST_PROXY),
    corsOrigins: originsOf('CORS_ORIGINS', values.CORS_ORIGINS),
    importDir: values.IMPORT_DIR && path.resolve(values.IMPORT_DIR),
    stagesDir: values.STAGES_DIR === undefined ? within('stages') : path.resolve(values.STAGES_DIR),
  };
}

/** Settings of `readConfig` for people to look at, none with a secret. @throws as `readConfig` does */
export function readShownSettings(env: Record<string, string | undefined> = process.env): ShownSetting[] {
  return showSettings(Environment, readEnvironment(Environment, env));
}

/** Folders of this machine that are written to: the data folder, and those of database and artifacts elsewhere. */
export function foldersOf({ dataDir, databaseUrl, artifactsUrl }: Config): string[] {
  const file = /^sqlite:(.+)$/.exec(databaseUrl)?.[1];
  const artifacts = path.resolve(artifactsUrl.replace(/^file:(\/\/)?/, ''));
  return [dataDir, artifacts, ...(file === undefined ? [] : [path.dirname(file)])];
}

function camelCase(name: string): string {
  return name.toLowerCase().replace(/_(.)/g, (_all, letter: string) => letter.toUpperCase());
}
