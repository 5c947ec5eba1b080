import { problem } from '../../../core/errors.ts';
import { newJobId } from '../../../domain/base/job-id.ts';
import { completeDistillation } from '../../../domain/jobs/complete-distillation.ts';
import type { DistillationSpec } from '../../../domain/jobs/distillation-spec.ts';
import { Job } from '../../../domain/jobs/job.ts';
import type { App } from '../../app-type.ts';
import type { AppDeps } from '../../deps.ts';
import { json } from '../../docs/documentation.ts';
import { QUEUED_JOB } from '../../docs/examples.ts';
import { findJob } from '../../jobs/find-job.ts';
import { newDistillation } from '../../jobs/new-distillation.ts';
import { type SubmitDeps, submitJob } from '../../jobs/submit-job.ts';
import { JobParams } from '../../path-id.ts';
import { dropBodies } from '../../plugins/bodies.ts';
import { traceOf } from '../../plugins/tracing.ts';

const SECOND_TRY: Job = {
  ...QUEUED_JOB,
  id: 'job_01kq3w7m2hz5n8c4yj7p3d6fab',
  retriedFrom: QUEUED_JOB.id,
};

const retryJob = {
  operationId: 'retryJob',
  tags: ['jobs'],
  summary: 'Run a failed or cancelled distillation again',
  description:
    'The answer is a new job with the same spec, whose retriedFrom names the old one. It goes on from the last checkpoint where the data are still the same.',
  params: JobParams,
  response: {
    202: json('Queued; Location names the new job.', Job, { 'a second try': SECOND_TRY }, ['Location']),
  },
  problems: {
    'not-found': 'There is no job "job_1".',
    conflict: 'The job is running; only failed and cancelled jobs can be retried.',
    'queue-full': '10000 jobs are waiting, and no more than 10000 may; try again when some are done.',
    'queue-unavailable': 'The job queue does not answer; try again in a few seconds.',
  },
};

export function jobRetryRoute(deps: SubmitDeps & Pick<AppDeps, 'now'>) {
  const { store, now } = deps;
  return async (app: App): Promise<void> => {
    dropBodies(app);

    app.post('/jobs/:id/retry', {
      config: { scope: 'train', ignoresBody: true },
      schema: retryJob,
      handler: async (request, reply) => {
        const { id, type, state, spec, plan } = await findJob(store.jobs, request.params.id);
        if (state !== 'failed' && state !== 'cancelled') {
          throw problem('conflict', `The job is ${state}; only failed and cancelled jobs can be retried.`, {
            state,
          });
        }
        if (type === 'import') {
          throw problem('conflict', 'The file of an import is removed at its end; send it again.', { state });
        }
        // The time that it once waited for is over; a limit that it broke may be raised in a new job.
        const { notBefore: _past, ...again } = completeDistillation(spec as DistillationSpec);
        const { keyId } = request;
        const origin = {
          retriedFrom: id,
          ...(plan && { plan }),
          ...(keyId !== undefined && { keyId }),
          ...traceOf(request),
        };
        const job = await submitJob(deps, newDistillation(newJobId(now()), again, origin));
        reply.code(202).header('location', `/jobs/${job.id}`);
        return job;
      },
    });
  };
}
