import { FINISHED_STATES, type JobEvent } from '../../domain/jobs/job.ts';
import type { EventStreamTiming } from '../deps.ts';
import type { Bell, JobBells } from './job-bells.ts';
import type { SharedReads } from './shared-reads.ts';

export const DEFAULT_TIMING: EventStreamTiming = { pollMs: 1000, heartbeatMs: 15_000 };
const RETRY_MS = 2000;
const BATCH = 200;

interface EventStreamDeps {
  reads: SharedReads;
  bells: JobBells;
  timing: EventStreamTiming;
}

/**
 * A job's events as server-sent events, until the job is finished and all of them were sent. SQL is what is read;
 * signals only make it sooner. The consumer's pace is ours: nothing is read ahead of what the socket takes.
 */
export async function* eventStream(
  deps: EventStreamDeps,
  jobId: string,
  after: number,
  bell: Bell,
): AsyncGenerator<string> {
  const { reads, bells, timing } = deps;
  let last = after;
  let lastWrite = Date.now();
  // Sends the headers off, and tells a browser how soon to come back.
  yield `retry: ${RETRY_MS}\n\n`;
  while (!bells.closed()) {
    // The state is read before the events: what is finished then has no events beyond those that follow.
    const job = await reads.get(jobId, bell.rings());
    const events = await reads.events(jobId, last, BATCH, bell.rings());
    for (const event of events) {
      yield format(event);
      last = event.seq;
      lastWrite = Date.now();
    }
    if (events.length === BATCH) continue;
    if (!job || FINISHED_STATES.includes(job.state)) return;
    // The bell rings at every poll; who only waits for the heartbeat is woken by that.
    await bell.wait(timing.heartbeatMs);
    if (Date.now() - lastWrite >= timing.heartbeatMs) {
      yield ': heartbeat\n\n';
      lastWrite = Date.now();
    }
  }
}

function format(event: JobEvent): string {
  return `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
