import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { createFsStore } from '../../src/artifact/store/fs-store.ts';
import { loadStudent } from '../../src/artifact/student/load.ts';
import { messageOf } from '../../src/core/errors.ts';
import type { Job, JobEvent } from '../../src/domain/jobs/job.ts';
import { createStore } from '../../src/store/create-store.ts';
import type { Store } from '../../src/store/store.ts';
import { type Installation, PREFIX } from './installation.ts';

export interface Verdict {
  succeeded: number;
  /** Jobs that ended as failed because they were hit three times without progress: by contract, and once each. */
  givenUp: number;
  attempts: number;
  events: number;
  artifacts: number;
  /** What must not be; empty when all is well. */
  faults: string[];
}

/**
 * Looks at what is on record after the storm, not through the service but at its database, files and Redis.
 * @param streamed for each job that was submitted, the numbers of its events as a listener got them
 */
export async function verify(
  place: Pick<Installation, 'databaseUrl' | 'artifactsUrl' | 'redisUrl'>,
  streamed: ReadonlyMap<string, readonly number[]>,
): Promise<Verdict> {
  const store = await createStore(place.databaseUrl);
  try {
    const { rows } = await store.jobs.list({}, 1000);
    const trained = rows.filter((job) => job.type === 'distillation' && !isGivenUp(job));
    const faults = compareSets(
      'jobs',
      [...streamed.keys()],
      rows.map(({ id }) => id),
    );
    let events = 0;
    for (const job of rows) {
      const stored = await allEvents(store, job.id);
      events += stored.length;
      faults.push(...jobFaults(job, stored, streamed.get(job.id) ?? []));
    }
    const artifacts = foldersOf(place.artifactsUrl);
    faults.push(...(await artifactFaults(place.artifactsUrl, artifacts)));
    faults.push(...compareSets('artifacts', trained.map(artifactOf), artifacts));
    faults.push(...compareSets('registered versions', artifacts, await registered(store)));
    faults.push(...(await redisFaults(place.redisUrl)));
    return {
      succeeded: rows.filter(({ state }) => state === 'succeeded').length,
      givenUp: rows.filter(isGivenUp).length,
      attempts: rows.reduce((sum, { attempts }) => sum + attempts, 0),
      events,
      artifacts: artifacts.length,
      faults,
    };
  } finally {
    await store.close();
  }
}

const artifactOf = ({ id, model }: Job) => `models/${model}/${id}`;

/** The same members, each once. */
export function compareSets(what: string, wanted: readonly string[], found: readonly string[]): string[] {
  const [asked, there, seen] = [new Set(wanted), new Set(found), new Set<string>()];
  const missing = wanted.filter((each) => !there.has(each));
  const extra = found.filter((each) => !asked.has(each));
  const twice = found.filter((each) => seen.has(each) || !seen.add(each));
  return [
    ...missing.map((each) => `${what}: ${each} is missing`),
    ...extra.map((each) => `${what}: nobody asked for ${each}`),
    ...twice.map((each) => `${what}: ${each} is there twice`),
  ];
}

const ENDS = ['succeeded', 'failed', 'cancelled'];

/** Kills may hit one job again and again; after three times without a new checkpoint it has failed. */
const isGivenUp = ({ state, problem }: Pick<Job, 'state' | 'problem'>) =>
  state === 'failed' && problem?.detail.startsWith('The job was given up') === true;

export function jobFaults(
  job: Pick<Job, 'id' | 'state' | 'problem'>,
  events: readonly Pick<JobEvent, 'seq' | 'data'>[],
  streamed: readonly number[],
): string[] {
  const faults: string[] = [];
  if (job.state !== 'succeeded' && !isGivenUp(job))
    faults.push(`${job.id} is ${job.state}: ${job.problem?.detail ?? 'no problem told'}`);
  const ends = events.filter(({ data }) => ENDS.includes(String(data.state)));
  if (ends.length !== 1) faults.push(`${job.id} has ended ${ends.length} times`);
  if (!ENDS.includes(String(events.at(-1)?.data.state)))
    faults.push(`${job.id}: its end is not its last event`);
  const stored = events.map(({ seq }) => seq);
  if (!isGapFree(stored)) faults.push(`${job.id}: stored events have gaps: ${stored}`);
  if (!isGapFree(streamed)) faults.push(`${job.id}: its stream had gaps: ${streamed}`);
  if (streamed.length !== stored.length) {
    faults.push(`${job.id}: ${streamed.length} events were streamed, ${stored.length} are stored`);
  }
  return faults;
}

const isGapFree = (seqs: readonly number[]) => seqs.every((seq, i) => seq === i + 1);

async function allEvents(store: Store, jobId: string): Promise<JobEvent[]> {
  const events: JobEvent[] = [];
  for (;;) {
    const page = await store.jobs.events(jobId, events.at(-1)?.seq ?? 0, 1000);
    if (page.length === 0) return events;
    events.push(...page);
  }
}

/** Keys of all artifacts that a reader can see. */
function foldersOf(artifactsUrl: string): string[] {
  const root = fileURLToPath(artifactsUrl);
  return readdirSync(path.join(root, 'models')).flatMap((model) =>
    readdirSync(path.join(root, 'models', model)).map((job) => `models/${model}/${job}`),
  );
}

/** The loader believes nothing: sizes, hashes, shapes. */
async function artifactFaults(artifactsUrl: string, keys: readonly string[]): Promise<string[]> {
  const artifacts = createFsStore(artifactsUrl);
  const faults: string[] = [];
  for (const key of keys) {
    await loadStudent(artifacts, key).catch((error) => faults.push(`${key}: ${messageOf(error)}`));
  }
  return faults;
}

async function registered(store: Store): Promise<string[]> {
  const found: string[] = [];
  for (const model of await store.models.names()) {
    found.push(...(await store.models.versions(model)).map(({ artifact }) => artifact));
  }
  return found;
}

/** Nothing may be left for workers to do, and nothing outside the prefix. */
async function redisFaults(redisUrl: string): Promise<string[]> {
  const redis = new Redis(new URL(redisUrl).pathname);
  try {
    const keys = await redis.keys('*');
    const foreign = keys.filter((key) => !key.startsWith(`${PREFIX}:`));
    const left = keys.filter((key) => /:jobs:job_/.test(key));
    return [
      ...foreign.map((key) => `Redis: ${key} is outside the prefix`),
      ...left.map((key) => `Redis: ${key} is left`),
    ];
  } finally {
    redis.disconnect();
  }
}
