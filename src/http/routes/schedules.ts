import { Type } from 'typebox';
import { problem } from '../../core/errors.ts';
import { newJobId } from '../../domain/base/job-id.ts';
import { Page, PageQuery } from '../../domain/base/page.ts';
import { cronProblem, nextRun } from '../../domain/jobs/cron.ts';
import { distillationProblem } from '../../domain/jobs/rules/check-distillation.ts';
import { completeScheduled, Schedule, ScheduleSpec, triggerProblem } from '../../domain/jobs/schedule.ts';
import { withCurrentNames } from '../../domain/losses/former-names.ts';
import type { Store } from '../../store/store.ts';
import type { App } from '../app-type.ts';
import type { AppDeps } from '../deps.ts';
import { json, noContent } from '../docs/documentation.ts';
import { NIGHTLY } from '../docs/examples.ts';
import { newDistillation } from '../jobs/new-distillation.ts';
import { ScheduleParams } from '../path-id.ts';
import { takeBack } from '../plugins/take-back.ts';
import { allErrorsCompiler } from '../plugins/validation.ts';

const BODY_LIMIT = 64 * 1024;
const NOT_FOUND = 'There is no schedule "sch_1".';

const createSchedule = {
  operationId: 'createSchedule',
  tags: ['jobs'],
  summary: 'Start a job again and again',
  description:
    'By the clock (cron, timeZone) or whenever so many new interactions have come (afterInteractions). Runs that were missed are made up for once. A run is skipped while the last job of the schedule is unfinished; lastSkip says so. A job that names no dataset.split has global-time where its task allows it, and last-fraction where there are no times. What GET gives is taken, as a new schedule.',
  body: ScheduleSpec,
  examples: {
    'every night': { cron: '0 3 * * *', timeZone: 'Europe/Berlin', job: { model: 'movies' } },
    'after many interactions': { afterInteractions: 100_000, job: { model: 'movies' } },
  },
  response: {
    201: json('Kept; Location names the schedule.', Schedule, { 'every night': NIGHTLY }, ['Location']),
  },
  problems: {
    'invalid-request': 'afterInteractions must be >= 1; got 0.',
    'invalid-schedule':
      'cron "61 * * * *" cannot be read: Constraint error, got value 61 expected range 0-59.',
    'invalid-job': 'job.distillation.losses: at least one weight must be above 0.',
  },
};

const listSchedules = {
  operationId: 'listSchedules',
  tags: ['jobs'],
  summary: 'List schedules',
  description: 'Newest first.',
  querystring: PageQuery,
  response: {
    200: json('A page of schedules.', Page(Schedule), {
      'one schedule': { data: [NIGHTLY], nextCursor: null },
    }),
  },
  problems: {
    'invalid-request': 'limit must be a whole number from 1 to 1000; got 0.',
  },
};

const getSchedule = {
  operationId: 'getSchedule',
  tags: ['jobs'],
  summary: 'Read a schedule',
  description: 'When it runs next, and what became of its last run.',
  params: ScheduleParams,
  response: { 200: json('The schedule.', Schedule, { 'every night': NIGHTLY }) },
  problems: { 'not-found': NOT_FOUND },
};

const changeSchedule = {
  operationId: 'changeSchedule',
  tags: ['jobs'],
  summary: 'Pause or resume a schedule',
  description: 'What the clock would have started during a pause is not made up for.',
  params: ScheduleParams,
  body: Type.Object(
    { paused: Type.Boolean({ description: 'True to pause, false to resume.' }) },
    { additionalProperties: false },
  ),
  examples: { pause: { paused: true }, resume: { paused: false } },
  response: {
    200: json('As it is now.', Schedule, {
      'a paused schedule': { ...NIGHTLY, paused: true, nextRunAt: null },
    }),
  },
  problems: {
    'invalid-request': 'paused must be true or false; got "yes".',
    'not-found': NOT_FOUND,
  },
};

const deleteSchedule = {
  operationId: 'deleteSchedule',
  tags: ['jobs'],
  summary: 'Delete a schedule',
  description: 'Its jobs stay; one that runs goes on.',
  params: ScheduleParams,
  response: { 204: noContent('Deleted.') },
  problems: { 'not-found': NOT_FOUND },
};

export function scheduleRoutes({ store: { schedules }, now }: Pick<AppDeps, 'store' | 'now'>) {
  return async (app: App): Promise<void> => {
    app.post('/schedules', {
      bodyLimit: BODY_LIMIT,
      validatorCompiler: allErrorsCompiler(),
      config: { scope: 'train' },
      schema: createSchedule,
      preValidation: [
        takeBack(['id', 'createdAt', 'nextRunAt', 'lastRun', 'lastSkip', 'keyId']),
        async ({ body }) => {
          if (body?.job) body.job = withCurrentNames(body.job);
        },
      ],
      handler: async ({ body, keyId }, reply) => {
        await check(body);
        const { job, cron, timeZone = 'UTC', paused = false, ...rest } = body;
        const clock = cron === undefined ? {} : { cron, timeZone };
        const { id: _none, ...template } = newDistillation('', completeScheduled(job), {
          ...(keyId !== undefined && { keyId }),
        });
        const schedule = await schedules.create({
          ...rest,
          ...clock,
          id: newJobId(now()).replace('job_', 'sch_'),
          job: template,
          paused,
          nextAt: cron === undefined || paused ? null : await nextRun(cron, timeZone, now()),
        });
        reply.code(201).header('location', `/schedules/${schedule.id}`);
        return schedule;
      },
    });

    app.get('/schedules', {
      config: { scope: 'read' },
      schema: listSchedules,
      handler: async ({ query: { limit = 50, cursor } }) => {
        const page = await schedules.list(limit, cursor);
        return { data: page.rows, nextCursor: page.nextCursor };
      },
    });

    app.get('/schedules/:id', {
      config: { scope: 'read' },
      schema: getSchedule,
      handler: ({ params }) => find(schedules, params.id),
    });

    app.patch('/schedules/:id', {
      bodyLimit: BODY_LIMIT,
      config: { scope: 'train' },
      schema: changeSchedule,
      handler: async ({ params, body: { paused } }) => {
        const { id, cron, timeZone } = await find(schedules, params.id);
        const nextAt = paused || cron === null ? null : await nextRun(cron, timeZone ?? 'UTC', now());
        return (await schedules.setPaused(id, paused, nextAt)) ?? notFound(id);
      },
    });

    app.delete('/schedules/:id', {
      config: { scope: 'train' },
      schema: deleteSchedule,
      handler: async ({ params }, reply) => {
        if (!(await schedules.remove(params.id))) notFound(params.id);
        return reply.code(204).send(null);
      },
    });
  };
}

/** Refuses what POST /jobs would refuse, and times that make no sense. @throws problem */
async function check(spec: ScheduleSpec): Promise<void> {
  const { cron, timeZone = 'UTC', job } = spec;
  const wrong = triggerProblem(spec) ?? (cron === undefined ? null : await cronProblem(cron, timeZone));
  if (wrong) throw problem('invalid-schedule', `${wrong}.`);
  const contradiction = distillationProblem(job) ?? severalProblem(job);
  if (contradiction) throw problem('invalid-job', `job.${contradiction}.`);
}

function severalProblem({ students, search }: ScheduleSpec['job']): string | null {
  if (!students && !search) return null;
  return `${students ? 'students' : 'search'} is for POST /jobs; a schedule starts one job, with student`;
}

async function find(schedules: Store['schedules'], id: string): Promise<Schedule> {
  return (await schedules.get(id)) ?? notFound(id);
}

function notFound(id: string): never {
  throw problem('not-found', `There is no schedule ${JSON.stringify(id)}.`);
}
