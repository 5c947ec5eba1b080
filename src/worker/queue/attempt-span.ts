import { messageOf } from '../../core/errors.ts';
import type { Job } from '../../domain/jobs/job.ts';
import type { Store } from '../../store/store.ts';
import type { Span, Tracer } from '../../tracing/contract.ts';
import type { RunOutcome } from '../trainer/outcome.ts';

/**
 * Begins the span of one attempt, in the trace of whoever asked for the job, and says before how long the job waited.
 * A job that nobody traced, such as that of a schedule, begins a trace, which its later attempts and its webhooks join.
 */
export async function startAttempt(
  tracer: Tracer,
  job: Job,
  jobs: Pick<Store['jobs'], 'keepTrace'>,
): Promise<Span> {
  if (job.trace && job.attempts === 1) {
    tracer.start('queued', { parent: job.trace, from: Date.parse(job.createdAt) }).end();
  }
  const span = tracer.start(`job ${job.type}`, {
    kind: 'consumer',
    parent: job.trace,
    attributes: {
      'stillhouse.job.id': job.id,
      'stillhouse.job.attempt': job.attempts,
      'stillhouse.model': job.model ?? undefined,
      'stillhouse.job.retry_of': job.retriedFrom ?? undefined,
      'stillhouse.schedule.id': job.scheduleId ?? undefined,
    },
  });
  if (!job.trace) {
    await jobs.keepTrace(job.id, span.context).catch((error) => {
      span.event('the trace was not kept', { reason: messageOf(error) });
    });
  }
  return span;
}

/** Ends it with what became of the attempt. */
export function endAttempt(span: Span, outcome: RunOutcome, stopped: string | undefined): void {
  span.set({ 'stillhouse.job.outcome': outcome.kind, 'stillhouse.job.stopped_by': stopped });
  span.end('detail' in outcome ? outcome.detail : undefined);
}
