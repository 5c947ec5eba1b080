import { Type } from 'typebox';
import { problem } from '../../../core/errors.ts';
import { hashOf } from '../../../core/hash.ts';
import { MIN_INTERACTIONS } from '../../../domain/base/data-minimum.ts';
import { newJobId } from '../../../domain/base/job-id.ts';
import { ModelName } from '../../../domain/base/model-name.ts';
import { Page, PageQuery } from '../../../domain/base/page.ts';
import {
  type CompleteDistillation,
  completeDistillation,
} from '../../../domain/jobs/complete-distillation.ts';
import { DistillationSpec } from '../../../domain/jobs/distillation-spec.ts';
import { expandStudents, studentsProblem } from '../../../domain/jobs/expand-students.ts';
import { JOB_STATES, JOB_TYPES, Job } from '../../../domain/jobs/job.ts';
import type { JobPlan } from '../../../domain/jobs/job-plan.ts';
import { withCurrentNames } from '../../../domain/losses/former-names.ts';
import type { CreateOptions, NewJob } from '../../../store/jobs/contract.ts';
import type { App } from '../../app-type.ts';
import type { AppDeps } from '../../deps.ts';
import { json } from '../../docs/documentation.ts';
import { NEW_JOBS, QUEUED_IMPORT, QUEUED_JOB, RUNNING_JOB } from '../../docs/examples.ts';
import { findJob } from '../../jobs/find-job.ts';
import { answersTo, IdempotencyHeaders, startOnce } from '../../jobs/idempotency.ts';
import { withWaiting } from '../../jobs/lanes.ts';
import { lookAtFeatures } from '../../jobs/look-at-features.ts';
import { nameTeachers } from '../../jobs/name-teacher.ts';
import { newDistillation, requireData, requireLabels } from '../../jobs/new-distillation.ts';
import { planFor } from '../../jobs/plan-for.ts';
import { requireSource, type SourceSettings } from '../../jobs/require-source.ts';
import { requireWorkers } from '../../jobs/require-workers.ts';
import { type SubmitDeps, submitJob } from '../../jobs/submit-job.ts';
import { JobParams } from '../../path-id.ts';
import { traceOf } from '../../plugins/tracing.ts';
import { allErrorsCompiler } from '../../plugins/validation.ts';

const JOB_BODY_LIMIT = 64 * 1024;
const JobsQuery = Type.Object(
  {
    ...PageQuery.properties,
    state: Type.Optional(
      Type.Enum([...JOB_STATES], { description: 'Only jobs in this state.', examples: ['running'] }),
    ),
    type: Type.Optional(
      Type.Enum([...JOB_TYPES], { description: 'Only jobs of this type.', examples: ['distillation'] }),
    ),
    model: Type.Optional({ ...ModelName, description: 'Only jobs that train this model.' }),
  },
  { additionalProperties: false },
);

const startJob = {
  operationId: 'startJob',
  tags: ['jobs'],
  summary: 'Start a distillation',
  description:
    'Trains a teacher on the stored interactions, or takes one that is stored with a version, distils it into a student, measures what the student kept and publishes it. Everything but model has a default. With students the answer is the first job, whose followers name the others.',
  headers: IdempotencyHeaders,
  body: DistillationSpec,
  examples: NEW_JOBS,
  response: {
    202: json('Queued; Location names the job.', Job, { 'a queued distillation': QUEUED_JOB }, ['Location']),
  },
  problems: {
    'invalid-request': 'distillation.losses[0].temperature must be a number > 0 and <= 1000; got 0.',
    'source-not-allowed': 'dataset.source.parquet must be within IMPORT_DIR; got ../events.parquet',
    'invalid-job': 'distillation.losses: at least one weight must be above 0.',
    'not-enough-data': `A distillation needs at least ${MIN_INTERACTIONS} interactions; there are 12.`,
    conflict: 'A request with the Idempotency-Key 7f3a is being answered; try again in a moment.',
    'idempotency-conflict':
      'The Idempotency-Key 7f3a was sent before with another request; use a new key for a new request.',
    'queue-full': '10000 jobs are waiting, and no more than 10000 may; try again when some are done.',
    'queue-unavailable': 'The job queue does not answer; try again in a few seconds.',
  },
};

const listJobs = {
  operationId: 'listJobs',
  tags: ['jobs'],
  summary: 'List jobs',
  description: 'Newest first. Works without the queue: the records are in SQL.',
  querystring: JobsQuery,
  response: {
    200: json('A page of jobs.', Page(Job), {
      'the last page': { data: [RUNNING_JOB, QUEUED_IMPORT], nextCursor: null },
    }),
  },
  problems: {
    'invalid-request':
      'state must be one of queued, running, succeeded, failed, cancelling, cancelled; got "done".',
  },
};

const getJob = {
  operationId: 'getJob',
  tags: ['jobs'],
  summary: 'Read a job',
  description: 'Its state, how far it is, and in the end its result or its problem.',
  params: JobParams,
  response: {
    200: json('The job.', Job, { 'a running distillation': RUNNING_JOB, 'a queued import': QUEUED_IMPORT }),
  },
  problems: {
    'not-found': 'There is no job "job_1".',
  },
};

type JobDeps = SubmitDeps & SourceSettings & Pick<AppDeps, 'now' | 'artifacts' | 'planner' | 'logger'>;

export function jobRoutes(deps: JobDeps) {
  const { store } = deps;
  return async (app: App): Promise<void> => {
    app.post('/jobs', {
      bodyLimit: JOB_BODY_LIMIT,
      validatorCompiler: allErrorsCompiler(),
      config: { scope: 'train' },
      schema: startJob,
      preValidation: async (request) => {
        request.body = withCurrentNames(request.body);
      },
      handler: async (request, reply) => {
        const contradiction = studentsProblem(request.body);
        if (contradiction) throw problem('invalid-job', `${contradiction}.`);
        const specs = expandStudents(request.body).map(completeDistillation);
        const { headers, keyId } = request;
        const fingerprint = hashOf(specs);
        const job = await startOnce(
          { store: store.idempotency, operation: 'startJob', headers, keyId },
          () => fingerprint,
          (key) =>
            begin(
              deps,
              { requested: request.body, specs },
              { ...(keyId !== undefined && { keyId }), ...traceOf(request) },
              answersTo(key, fingerprint),
            ),
          async (id) => withFollowers(store.jobs, await findJob(store.jobs, id)),
        );
        reply.code(202).header('location', `/jobs/${job.id}`);
        return job;
      },
    });

    app.get('/jobs', {
      config: { scope: 'read' },
      schema: listJobs,
      handler: async (request) => {
        const { limit = 50, cursor, ...filter } = request.query;
        const page = await store.jobs.list(filter, limit, cursor);
        return { data: page.rows, nextCursor: page.nextCursor };
      },
    });

    app.get('/jobs/:id', {
      config: { scope: 'read' },
      schema: getJob,
      handler: async (request) => withWaiting(await findJob(store.jobs, request.params.id), store),
    });
  };
}

/** Checks the jobs against what is stored, and starts them. The answer has warnings about fields of features. */
async function begin(
  deps: JobDeps,
  { requested, specs }: Asked,
  origin: Origin,
  answers: CreateOptions['answers'],
): Promise<Job> {
  const { store } = deps;
  const ofSource = requireSource(deps, requested);
  await requireData(store, specs);
  await requireLabels(store, specs);
  await requireWorkers(store, specs);
  const warnings = [...ofSource, ...(await lookAtFeatures(store, specs))];
  const named = await Promise.all(specs.map((spec) => nameTeachers(deps, spec)));
  const planning = planFor(deps, requested, named);
  const plans = await planning.soon;
  const started = await start(deps, named, plans, origin, answers);
  if (plans.length === 0) planning.keepLater([started.id, ...(started.followers ?? [])]);
  return {
    ...started,
    ...(plans[0] && { plan: plans[0] }),
    ...(warnings.length > 0 && { warnings }),
  };
}

type Origin = Pick<NewJob, 'keyId' | 'trace'>;

interface Asked {
  requested: DistillationSpec;
  specs: CompleteDistillation[];
}

/** The first job leads: the others use its teacher. All of them are there, or none. */
async function start(
  deps: JobDeps,
  specs: CompleteDistillation[],
  plans: readonly JobPlan[],
  origin: Origin,
  answers: CreateOptions['answers'],
): Promise<Job> {
  const { store, now } = deps;
  const made: Job[] = [];
  try {
    for (const [i, spec] of specs.entries()) {
      const leader = made[0]?.id;
      const created = newDistillation(newJobId(now()), spec, {
        ...origin,
        ...(leader !== undefined && { leader }),
        ...(plans[i] && { plan: plans[i] }),
      });
      made.push(await submitJob(deps, created, leader === undefined ? answers : undefined));
    }
  } catch (error) {
    for (const { id } of made) {
      await store.jobs.transition(id, ['queued'], 'cancelled');
      await store.jobs.transition(id, ['running'], 'cancelling');
    }
    throw error;
  }
  return withFollowers(store.jobs, made[0]!);
}

/** The job with the jobs of the other students of its request. */
async function withFollowers(jobs: AppDeps['store']['jobs'], job: Job): Promise<Job> {
  const followers = await jobs.followers(job.id);
  return followers.length > 0 ? { ...job, followers } : job;
}
