import { setTimeout as sleep } from 'node:timers/promises';
import { twoTastes } from '../../test/helpers/two-tastes.ts';
import { type Client, createClient } from './client.ts';
import { type Installation, type InstallationOptions, startInstallation } from './installation.ts';
import { planStrikes, type Strike, type Target } from './plan.ts';
import { type Verdict, verify } from './verify.ts';
import { keepWriting, writeFaults } from './writes.ts';

export interface ChaosOptions extends InstallationOptions {
  jobs: number;
  strikes: number;
  seed: number;
  meanPauseMs: number;
  /** How long the last jobs may take once the killing is over. */
  calmMs: number;
  log(line: string): void;
}

export interface Kill {
  atSeconds: number;
  target: Target;
  what: string;
}

export interface ChaosResult extends Verdict {
  kills: Kill[];
  /** Events and items that were acknowledged while processes died. */
  written: number;
  seconds: number;
  story: string;
}

/** A job whose trainer crashes three times has failed, by contract: so the third time is left out here. */
const MOST_CRASHES = 2;
/** A trainer lives for seconds; where none is running the strike waits for the next. */
const VICTIM_PATIENCE_MS = 20_000;
const START_PATIENCE_MS = 120_000;
/** Models are shared, so that jobs also wait for each other. */
const JOBS_PER_MODEL = 2;
/** One job in so many is an import. */
const IMPORT_EVERY = 5;
/** Rows of an import. */
const IMPORTED = 200;

/** Submits jobs while processes are killed, waits until all is calm, and looks at what came of it. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const started = Date.now();
  const installation = await startInstallation(options);
  const over = new AbortController();
  const endOfStrikes = new AbortController();
  try {
    const client = createClient(installation.apiUrls);
    await client.send('POST', '/interactions', { interactions: twoTastes(20).rows });
    const following = new Map<string, Promise<number[]>>();
    const writing = keepWriting(client, endOfStrikes.signal);
    writing.catch(() => {});
    const submitUpTo = async (count: number) => {
      while (following.size < count) {
        const jobId = await submit(client, following.size);
        following.set(jobId, client.follow(jobId, over.signal));
      }
    };
    const kills: Kill[] = [];
    const crashes = new Map<string, number>();
    for (const [i, strike] of planStrikes(options.seed, options.strikes, options.meanPauseMs).entries()) {
      // Spread over the strikes, and while processes are down.
      const submitting = submitUpTo(Math.ceil(((i + 1) * options.jobs) / options.strikes));
      await sleep(strike.afterMs);
      const what = await kill(installation, strike, crashes);
      const atSeconds = Math.round((Date.now() - started) / 100) / 10;
      kills.push({ atSeconds, target: strike.target, what });
      options.log(`${atSeconds.toFixed(1).padStart(7)} s  ${String(i + 1).padStart(3)}  ${what}`);
      await submitting;
    }
    endOfStrikes.abort();
    const written = await writing;
    const timer = setTimeout(() => over.abort(), options.calmMs);
    const streamed = new Map<string, number[]>();
    for (const [jobId, seqs] of following) streamed.set(jobId, await seqs);
    clearTimeout(timer);
    // A worker takes its entry off the queue a moment after the job's record has ended.
    await sleep(1000);
    const verdict = await verify(installation, streamed);
    const faults = [...verdict.faults, ...(await writeFaults(installation.databaseUrl, written))];
    const seconds = (Date.now() - started) / 1000;
    const counted = written.events.length + written.items.length;
    return { ...verdict, faults, kills, written: counted, seconds, story: installation.story() };
  } finally {
    endOfStrikes.abort();
    over.abort();
    await installation.stop();
  }
}

/** With a key, so that a request whose answer was lost can be sent again without starting a second job. */
async function submit(client: Client, number: number): Promise<string> {
  const key = { 'idempotency-key': `chaos-${number}` };
  const answer =
    number % IMPORT_EVERY === IMPORT_EVERY - 1
      ? await client.send('POST', IMPORT, importOf(number), { ...key, 'content-type': 'text/csv' })
      : await client.send('POST', '/jobs', specOf(number), key);
  if (answer.status !== 202) throw new Error(`The job was refused: ${JSON.stringify(answer.body)}`);
  return answer.body.id;
}

const IMPORT = '/imports?kind=interactions&format=csv&type=read';

function importOf(number: number): string {
  const rows = Array.from(
    { length: IMPORTED },
    (_, i) => `reader-${i % 40},book-${number}-${i % 7},${1.6e12 + i * 1000}\n`,
  );
  return `userId,itemId,timestamp\n${rows.join('')}`;
}

function specOf(number: number) {
  return {
    model: `model-${Math.floor(number / JOBS_PER_MODEL) + 1}`,
    teacher: { kind: 'softmax', hidden: [8], epochs: 10, batchSize: 16 },
    student: { kind: 'fold-in', dimensions: 4 },
    distillation: { epochs: 5, batchSize: 16, seed: number },
    dataset: { types: { click: {} } },
  };
}

/** @returns what was killed, in words */
async function kill(
  installation: Installation,
  strike: Strike,
  crashes: Map<string, number>,
): Promise<string> {
  // One in four apis is hit while it starts; hit every time, on a busy machine none would ever answer.
  if (strike.target === 'api' && strike.pick % 4 > 0) await untilOneAnswers(installation);
  const deadline = Date.now() + VICTIM_PATIENCE_MS;
  while (Date.now() < deadline) {
    const victims = victimsOf(installation, strike.target, crashes);
    const victim = victims[strike.pick % victims.length];
    if (victim && killNow(victim.pid)) {
      if (victim.jobId) crashes.set(victim.jobId, (crashes.get(victim.jobId) ?? 0) + 1);
      return `kill -9 ${victim.pid}  ${victim.name}`;
    }
    await sleep(20);
  }
  return `no ${strike.target} was running for ${VICTIM_PATIENCE_MS / 1000} s`;
}

async function untilOneAnswers({ apiUrls }: Installation): Promise<void> {
  const deadline = Date.now() + START_PATIENCE_MS;
  while (Date.now() < deadline) {
    const asked = apiUrls.map((url) => fetch(`${url}/health/live`).catch(() => null));
    if ((await Promise.all(asked)).some((answer) => answer?.ok)) return;
    await sleep(200);
  }
}

interface Victim {
  pid: number;
  name: string;
  jobId?: string | undefined;
}

function victimsOf(installation: Installation, target: Target, crashes: Map<string, number>): Victim[] {
  if (target === 'trainer') {
    return installation
      .trainers()
      .filter(({ jobId }) => jobId !== undefined && (crashes.get(jobId) ?? 0) < MOST_CRASHES)
      .map(({ pid, jobId }) => ({ pid, jobId, name: `trainer of ${jobId}` }));
  }
  if (target === 'redis') {
    const pid = installation.redisPid();
    return pid === undefined ? [] : [{ pid, name: 'redis' }];
  }
  const processes = target === 'api' ? installation.apis : installation.workers;
  return processes.flatMap((each) => {
    const pid = each.pid();
    return pid === undefined ? [] : [{ pid, name: each.name }];
  });
}

function killNow(pid: number): boolean {
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch {
    return false;
  }
}
