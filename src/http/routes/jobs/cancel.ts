import type { FastifyBaseLogger } from 'fastify';
import { problem } from '../../../core/errors.ts';
import { FINISHED_STATES, Job } from '../../../domain/jobs/job.ts';
import type { App } from '../../app-type.ts';
import type { AppDeps } from '../../deps.ts';
import { json } from '../../docs/documentation.ts';
import { CANCELLED_JOB, RUNNING_JOB } from '../../docs/examples.ts';
import { findJob } from '../../jobs/find-job.ts';
import { requireQueue } from '../../jobs/submit-job.ts';
import { JobParams } from '../../path-id.ts';
import { dropBodies } from '../../plugins/bodies.ts';

/** A job can move on while we look at it, at most queued -> running -> finished. */
const MOST_ATTEMPTS = 3;

const cancelJob = {
  operationId: 'cancelJob',
  tags: ['jobs'],
  summary: 'Cancel a job',
  description:
    'A queued job is cancelled at once. A running one is told to stop, and killed when it does not.',
  params: JobParams,
  response: {
    200: json('The job was still queued and is cancelled.', Job, { 'a cancelled job': CANCELLED_JOB }),
    202: json('The job is being stopped; its events tell when it is.', Job, {
      'a job that is stopping': { ...RUNNING_JOB, state: 'cancelling' },
    }),
  },
  problems: {
    'not-found': 'There is no job "job_1".',
    conflict: 'The job is already succeeded; only queued and running jobs can be cancelled.',
    'queue-unavailable': 'The job queue does not answer; try again in a few seconds.',
  },
};

export function jobCancelRoute(deps: Pick<AppDeps, 'store' | 'queue' | 'artifacts'>) {
  const { jobs } = deps.store;
  const { queue, artifacts } = deps;
  return async (app: App): Promise<void> => {
    dropBodies(app);

    app.post('/jobs/:id/cancel', {
      config: { scope: 'train', ignoresBody: true },
      schema: cancelJob,
      handler: async (request, reply) => {
        const job = await cancel(request.params.id, request.log);
        reply.code(job.state === 'cancelled' ? 200 : 202);
        return job;
      },
    });
  };

  /** No worker will ever come to it. */
  async function removeUpload({ spec }: Job): Promise<void> {
    if (spec.type === 'import' && spec.file !== undefined) await artifacts.remove(spec.file);
  }

  async function cancel(id: string, log: FastifyBaseLogger): Promise<Job> {
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const { state } = await findJob(jobs, id);
      if (FINISHED_STATES.includes(state)) {
        throw problem(
          'conflict',
          `The job is already ${state}; only queued and running jobs can be cancelled.`,
          { state },
        );
      }
      requireQueue(queue);
      if (state === 'queued' && (await jobs.transition(id, ['queued'], 'cancelled'))) {
        // The record decides: a worker that still finds the id on the queue skips it.
        await queue
          .remove(id)
          .catch((error) => log.warn({ err: error, jobId: id }, 'not taken off the queue'));
        await queue.signals.publish({ kind: 'job', jobId: id });
        const job = await findJob(jobs, id);
        await removeUpload(job).catch((error) => log.warn({ err: error, jobId: id }, 'upload left behind'));
        return job;
      }
      if (
        state === 'cancelling' ||
        (state === 'running' && (await jobs.transition(id, ['running'], 'cancelling')))
      ) {
        await queue.signals.publish({ kind: 'cancel', jobId: id });
        return findJob(jobs, id);
      }
    }
    throw problem('conflict', 'The job changed its state while it was being cancelled; try again.');
  }
}
