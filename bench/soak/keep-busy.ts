import { setTimeout as sleep } from 'node:timers/promises';
import { itemName, userName } from '../serve/population.ts';

export interface Beside {
  jobs: Record<string, number>;
  imports: Record<string, number>;
  posts: number;
  failedPosts: number;
}

interface BusyOptions {
  url: string;
  model: string;
  users: number;
  items: number;
  jobEverySeconds: number;
  importEverySeconds: number;
  signal: AbortSignal;
}

const ROWS = 5_000;
/** Posted again and again, so that what is stored does not grow by itself. */
const EVENTS = 500;
const POST_EVERY_MS = 500;
const ENDED = ['succeeded', 'failed', 'cancelled'];

/** Imports, jobs that renew the model, and posts of events, until the signal. Each does the same again: nothing of it has to grow. */
export async function keepBusy(options: BusyOptions): Promise<Beside> {
  const beside: Beside = { jobs: {}, imports: {}, posts: 0, failedPosts: 0 };
  const { url, model } = options;
  const importing = every(options.importEverySeconds, options.signal, async () => {
    const path = '/imports?kind=interactions&format=csv&type=read';
    count(beside.imports, await ended(url, path, csvOf(options), 'text/csv', options.signal));
  });
  const training = every(options.jobEverySeconds, options.signal, async () => {
    const spec = {
      model,
      teacher: { kind: 'ease' },
      student: { kind: 'fold-in', dimensions: 32 },
      distillation: { epochs: 2 },
      evaluation: { refit: false },
    };
    count(beside.jobs, await ended(url, '/jobs', JSON.stringify(spec), 'application/json', options.signal));
  });
  const posting = every(POST_EVERY_MS / 1000, options.signal, async () => {
    const n = beside.posts++ % EVENTS;
    const event = {
      ...{ userId: userName(n % options.users), itemId: itemName(n % options.items), type: 'click' },
      ...{ timestamp: 1.7e12 + n * 1000, eventId: `soak-${n}` },
    };
    const answer = await fetch(`${url}/interactions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ interactions: [event] }),
    }).catch(() => null);
    await answer?.arrayBuffer().catch(() => {});
    if (!answer?.ok) beside.failedPosts++;
  });
  await Promise.all([importing, training, posting]);
  return beside;
}

async function every(seconds: number, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    const started = Date.now();
    await work();
    const rest = Math.max(0, seconds * 1000 - (Date.now() - started));
    await sleep(rest, undefined, { signal }).catch(() => {});
  }
}

/** Starts a job and waits for its end. @returns its last state, or why there is none */
function ended(...job: Parameters<typeof endOf>): Promise<string> {
  return endOf(...job).catch((error) => `no answer: ${error}`);
}

async function endOf(
  url: string,
  path: string,
  body: string,
  type: string,
  signal: AbortSignal,
): Promise<string> {
  const answer = await fetch(url + path, { method: 'POST', headers: { 'content-type': type }, body });
  const { id, code, detail } = (await answer.json()) as { id?: string; code?: string; detail?: string };
  if (!id) return `refused: ${code}: ${detail}`;
  for (;;) {
    const job = (await (await fetch(`${url}/jobs/${id}`)).json()) as {
      state: string;
      problem?: { detail: string };
    };
    if (ENDED.includes(job.state)) return job.problem ? `${job.state}: ${job.problem.detail}` : job.state;
    if (signal.aborted) return 'not ended yet';
    await sleep(1000, undefined, { signal }).catch(() => {});
  }
}

const csvOf = ({ users, items }: BusyOptions) =>
  `userId,itemId,timestamp\n${Array.from({ length: ROWS }, (_, i) => `${userName(i % users)},${itemName((i * 7) % items)},${1.6e12 + i * 1000}\n`).join('')}`;

function count(counts: Record<string, number>, what: string): void {
  counts[what] = (counts[what] ?? 0) + 1;
}
