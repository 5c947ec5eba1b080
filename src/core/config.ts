import path from 'node:path';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { Value } from 'typebox/value';

const Environment = Type.Object({
  HOST: Type.String({ default: '127.0.0.1', minLength: 1 }),
  PORT: Type.Integer({ default: 3000, minimum: 0, maximum: 65_535 }),
  DATA_DIR: Type.String({ default: './data', minLength: 1 }),
  REDIS_URL: Type.Optional(Type.String({ pattern: '^(rediss?|unix)://' })),
  REDIS_PREFIX: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9._-]{1,64}$' })),
  DATABASE_URL: Type.Optional(Type.String({ pattern: '^(sqlite|postgres(ql)?):' })),
  ARTIFACTS_URL: Type.Optional(Type.String({ pattern: '^file:' })),
  API_KEYS: Type.String({ default: '' }),
  DEFAULT_MODEL: Type.Optional(Type.String({ minLength: 1 })),
  TENSOR_BACKEND: Type.Enum(['auto', 'gpu', 'native', 'wasm', 'cpu'], { default: 'auto' }),
  TENSOR_MEMORY_MIB: Type.Integer({ default: 512, minimum: 16, maximum: 1_048_576 }),
  MODEL_MEMORY_MIB: Type.Integer({ default: 1024, minimum: 1, maximum: 1_048_576 }),
  SERVED_SAMPLE: Type.Number({ default: 0.1, minimum: 0, maximum: 1 }),
  WORKER_CONCURRENCY: Type.Integer({ default: 1, minimum: 1, maximum: 64 }),
  IMPORT_URLS: Type.String({ default: '' }),
  IMPORT_DIR: Type.Optional(Type.String({ minLength: 1 })),
  RETAIN_DAYS: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  JOBS_PER_GPU: Type.Integer({ default: 1, minimum: 1, maximum: 64 }),
  MAX_RUNNING_JOBS: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
  MAX_QUEUED_JOBS: Type.Integer({ default: 10_000, minimum: 1, maximum: 10_000_000 }),
  STAGES_DIR: Type.Optional(Type.String({ minLength: 1 })),
  CHECKPOINT_SECONDS: Type.Number({ default: 15, minimum: 0, maximum: 86_400 }),
  TEACHER_CACHE_MIB: Type.Integer({ default: 4096, minimum: 0, maximum: 1_073_741_824 }),
  DRAIN_SECONDS: Type.Integer({ default: 0, minimum: 0, maximum: 86_400 }),
  LOG_LEVEL: Type.Enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], { default: 'info' }),
});

const NUMBERS = new Set([
  'PORT',
  'TENSOR_MEMORY_MIB',
  'MODEL_MEMORY_MIB',
  'SERVED_SAMPLE',
  'WORKER_CONCURRENCY',
  'JOBS_PER_GPU',
  'MAX_RUNNING_JOBS',
  'MAX_QUEUED_JOBS',
  'DRAIN_SECONDS',
  'CHECKPOINT_SECONDS',
  'TEACHER_CACHE_MIB',
  'RETAIN_DAYS',
]);

export interface Config {
  host: string;
  port: number;
  /** Absolute. */
  dataDir: string;
  /** Unset: the all-in-one process starts a private Redis. */
  redisUrl: string | undefined;
  /** Begins all keys and channels in Redis; unset: the default of the job layer. */
  redisPrefix: string | undefined;
  /** `sqlite:/absolute/file` or `postgres://...` */
  databaseUrl: string;
  /** `file:/absolute/folder` */
  artifactsUrl: string;
  apiKeys: string;
  defaultModel: string | undefined;
  tensorBackend: Static<typeof Environment>['TENSOR_BACKEND'];
  /** Budget for the scores of one training batch. */
  tensorMemoryMiB: number;
  /** Of loaded models together. */
  modelMemoryMib: number;
  /** Share of recommendations that are written down for click-through. */
  servedSample: number;
  workerConcurrency: number;
  /** What imports may be fetched from: addresses, each with everything below it. */
  importUrls: string[];
  /** The folder that imports may be read from; absolute. Unset: none. */
  importDir: string | undefined;
  /** Interactions older than this are deleted; unset: never. */
  retainDays: number | undefined;
  jobsPerGpu: number;
  /** In the whole installation; unset: as many as the workers take. */
  maxRunningJobs: number | undefined;
  maxQueuedJobs: number;
  /** How long a worker that is told to stop lets its jobs go on before it puts them back. */
  drainSeconds: number;
  /** Absolute. Of checkpoints and trained teachers. */
  stagesDir: string;
  checkpointSeconds: number;
  teacherCacheMiB: number;
  logLevel: Static<typeof Environment>['LOG_LEVEL'];
}

/**
 * Reads the settings once, at start; no other file looks at the environment.
 * @throws Error that names each wrong variable and what would be right
 */
export function readConfig(env: Record<string, string | undefined> = process.env): Config {
  const raw: Record<string, unknown> = {};
  for (const name of Object.keys(Environment.properties)) {
    const text = env[name];
    if (text === undefined || text === '') continue;
    raw[name] = NUMBERS.has(name) ? toNumber(text) : text;
  }
  const values = Value.Default(Environment, raw);
  const validator = Compile(Environment);
  if (!validator.Check(values)) {
    const reasons = validator.Errors(values).map((e) => `${e.instancePath.slice(1)} ${e.message}`);
    throw new Error(`Settings are wrong: ${reasons.join('; ')}`);
  }
  const dataDir = path.resolve(values.DATA_DIR);
  return {
    host: values.HOST,
    port: values.PORT,
    dataDir,
    redisUrl: values.REDIS_URL,
    redisPrefix: values.REDIS_PREFIX,
    databaseUrl: values.DATABASE_URL ?? `sqlite:${path.join(dataDir, 'stillhouse.db')}`,
    artifactsUrl: values.ARTIFACTS_URL ?? `file:${path.join(dataDir, 'artifacts')}`,
    apiKeys: values.API_KEYS,
    defaultModel: values.DEFAULT_MODEL,
    tensorBackend: values.TENSOR_BACKEND,
    tensorMemoryMiB: values.TENSOR_MEMORY_MIB,
    modelMemoryMib: values.MODEL_MEMORY_MIB,
    servedSample: values.SERVED_SAMPLE,
    workerConcurrency: values.WORKER_CONCURRENCY,
    importUrls: values.IMPORT_URLS.split(',')
      .map((url) => url.trim())
      .filter((url) => url !== ''),
    importDir: values.IMPORT_DIR && path.resolve(values.IMPORT_DIR),
    retainDays: values.RETAIN_DAYS,
    jobsPerGpu: values.JOBS_PER_GPU,
    maxRunningJobs: values.MAX_RUNNING_JOBS,
    maxQueuedJobs: values.MAX_QUEUED_JOBS,
    drainSeconds: values.DRAIN_SECONDS,
    stagesDir:
      values.STAGES_DIR === undefined ? path.join(dataDir, 'stages') : path.resolve(values.STAGES_DIR),
    checkpointSeconds: values.CHECKPOINT_SECONDS,
    teacherCacheMiB: values.TEACHER_CACHE_MIB,
    logLevel: values.LOG_LEVEL,
  };
}

/** Text that is no number stays text, so that the schema's message names it. */
function toNumber(text: string): unknown {
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}
