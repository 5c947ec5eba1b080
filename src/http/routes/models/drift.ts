import { Type } from 'typebox';
import { problem } from '../../../core/errors.ts';
import { Page, PageQuery } from '../../../domain/base/page.ts';
import { DriftCheck } from '../../../domain/drift/drift-check.ts';
import { DriftSettings } from '../../../domain/drift/drift-settings.ts';
import { cronProblem, nextRun } from '../../../domain/jobs/cron.ts';
import type { DistillationSpec } from '../../../domain/jobs/distillation-spec.ts';
import { distillationProblem } from '../../../domain/jobs/rules/check-distillation.ts';
import { completeScheduled } from '../../../domain/jobs/schedule.ts';
import { withCurrentNames } from '../../../domain/losses/former-names.ts';
import { orNull } from '../../../domain/reports/measured.ts';
import type { DriftRecord } from '../../../store/drift/contract.ts';
import type { App } from '../../app-type.ts';
import type { AppDeps } from '../../deps.ts';
import { json, noContent } from '../../docs/documentation.ts';
import { newDistillation } from '../../jobs/new-distillation.ts';
import { ModelParams } from '../../path-id.ts';
import { takeBack } from '../../plugins/take-back.ts';
import { allErrorsCompiler } from '../../plugins/validation.ts';

const BODY_LIMIT = 64 * 1024;

const Watched = Type.Object({
  ...DriftSettings.properties,
  nextCheckAt: Type.String({ format: 'date-time' }),
  drifted: Type.Boolean({ description: 'True from a check that broke a limit until one that broke none.' }),
  keyId: orNull(Type.String({ description: 'Which API key said so; its jobs have the same.' })),
});
const Series = Type.Object({
  settings: orNull(Watched, { description: 'null where the model is not watched.' }),
  ...Page(DriftCheck).properties,
});

const SETTINGS = {
  cron: '0 5 * * *',
  timeZone: 'Europe/Berlin',
  limits: { ndcgRetained: 0.9, unknownItems: 0.3 },
  retrain: true,
};
const WATCHED = {
  ...{ ...SETTINGS, nextCheckAt: '2026-03-02T04:00:00.000Z', drifted: true, keyId: null },
};
const CHECK: DriftCheck = {
  id: 'drf_01kq3v5yqk8r7m2d9xw4t6b1ce',
  at: '2026-03-01T04:00:12.000Z',
  state: 'drifted',
  figures: {
    version: 4,
    sampled: 1000,
    users: 412,
    pairs: 1890,
    ndcg: { value: 0.061, low: 0.055, high: 0.067 },
    teacherNdcg: { value: 0.064, low: 0.058, high: 0.07 },
    ndcgRetained: { value: 0.953, low: 0.92, high: 0.985 },
    overlap: { value: 0.71, low: 0.7, high: 0.72 },
    popularityShare: 0.04,
    unknownItems: 0.36,
    notes: [],
  },
  broken: [
    {
      measure: 'unknownItems',
      value: 0.36,
      limit: 0.3,
      text: 'unknownItems is 0.360, above its limit of 0.3.',
    },
  ],
  retraining: { jobId: 'job_01kq3v5yqk8r7m2d9xw4t6b1ce', reason: null },
};
const NOT_WATCHED = 'The model "movies" is not watched; PUT its drift settings first.';

const operations = {
  get: {
    operationId: 'getDrift',
    tags: ['models'],
    summary: 'Read how a model has drifted',
    description:
      'How it is watched, and what its checks have found, the newest first. Checks are kept for 90 days.',
    params: ModelParams,
    querystring: PageQuery,
    response: {
      200: json('The settings and a page of checks.', Series, {
        'a model that has drifted': { settings: WATCHED, data: [CHECK], nextCursor: null },
      }),
    },
    problems: {
      'invalid-request': 'limit must be a whole number from 1 to 1000; got 0.',
      'not-found': 'There is no model "movies".',
    },
  },
  put: {
    operationId: 'putDrift',
    tags: ['models'],
    summary: 'Watch a model',
    description:
      'At the times of cron a worker looks at recent users: what the live version and its stored teacher make of what came since the training, whom popularity answers, and which items are new. Beyond a limit there is a notice, and with retrain a job, whose version goes through the gate.',
    params: ModelParams,
    body: DriftSettings,
    examples: {
      'every night, and train again': SETTINGS,
      'only measure': { cron: '0 5 * * *' },
    },
    response: { 200: json('As it is now.', Watched, { 'every night': { ...WATCHED, drifted: false } }) },
    problems: {
      'invalid-request': 'limits.overlap must be <= 1; got 50.',
      'invalid-schedule':
        'cron must have five fields (minute, hour, day of the month, month, day of the week).',
      'invalid-job': 'job.model is books; it must be movies, the model that is watched.',
      'not-found': 'There is no model "movies".',
    },
  },
  check: {
    operationId: 'checkDrift',
    tags: ['models'],
    summary: 'Check a model now',
    description: 'A worker does so within some seconds; the answer stands in the list of checks.',
    params: ModelParams,
    response: { 202: json('The check is due.', Watched, { 'a model': WATCHED }) },
    problems: { 'not-found': NOT_WATCHED },
  },
  remove: {
    operationId: 'deleteDrift',
    tags: ['models'],
    summary: 'Watch a model no longer',
    description: 'Its checks are forgotten. Jobs that were started go on.',
    params: ModelParams,
    response: { 204: noContent('Gone.') },
    problems: { 'not-found': NOT_WATCHED },
  },
} as const;

export function driftRoutes({ store: { drift, models }, now }: Pick<AppDeps, 'store' | 'now'>) {
  const requireModel = async (name: string): Promise<void> => {
    if ((await models.versions(name)).length === 0) {
      throw problem('not-found', `There is no model ${JSON.stringify(name)}.`);
    }
  };
  return async (app: App): Promise<void> => {
    app.get('/models/:name/drift', {
      config: { scope: 'read' },
      schema: operations.get,
      handler: async ({ params: { name }, query: { limit = 50, cursor } }) => {
        const record = await drift.get(name);
        if (!record) await requireModel(name);
        const page = await drift.checks(name, limit, cursor);
        return { settings: record && view(record), data: page.rows, nextCursor: page.nextCursor };
      },
    });

    app.put('/models/:name/drift', {
      bodyLimit: BODY_LIMIT,
      validatorCompiler: allErrorsCompiler(),
      config: { scope: 'train' },
      schema: operations.put,
      preValidation: [
        takeBack(['nextCheckAt', 'drifted', 'keyId']),
        async ({ body }) => {
          if (body?.job) body.job = withCurrentNames(body.job);
        },
      ],
      handler: async ({ params: { name }, body, keyId }) => {
        await check(name, body);
        await requireModel(name);
        const { job, retrain = job !== undefined } = body;
        const record = await drift.put(name, {
          settings: { ...body, retrain },
          job: job ? templateOf(job, keyId) : null,
          nextAt: await nextRun(body.cron, body.timeZone ?? 'UTC', now()),
          keyId: keyId ?? null,
        });
        return view(record);
      },
    });

    app.post('/models/:name/drift/check', {
      config: { scope: 'train' },
      schema: operations.check,
      handler: async ({ params: { name } }, reply) => {
        await drift.hurry(name);
        const record = (await drift.get(name)) ?? notWatched(name);
        reply.code(202);
        return view(record);
      },
    });

    app.delete('/models/:name/drift', {
      config: { scope: 'train' },
      schema: operations.remove,
      handler: async ({ params: { name } }, reply) => {
        if (!(await drift.remove(name))) notWatched(name);
        return reply.code(204).send(null);
      },
    });
  };
}

function view({ settings, nextAt, drifted, keyId }: DriftRecord) {
  return { ...settings, nextCheckAt: nextAt, drifted, keyId };
}

function templateOf(job: DistillationSpec, keyId: string | undefined) {
  const { id: _none, ...template } = newDistillation('', completeScheduled(job), {
    ...(keyId !== undefined && { keyId }),
  });
  return template;
}

/** Refuses what POST /jobs would refuse, and times that make no sense. @throws problem */
async function check(model: string, { cron, timeZone = 'UTC', job }: DriftSettings): Promise<void> {
  const wrong = await cronProblem(cron, timeZone);
  if (wrong) throw problem('invalid-schedule', `${wrong}.`);
  const contradiction = job && (distillationProblem(job) ?? unfit(model, job));
  if (contradiction) throw problem('invalid-job', `job.${contradiction}.`);
}

function unfit(model: string, job: DistillationSpec): string | null {
  if (job.model !== model) return `model is ${job.model}; it must be ${model}, the model that is watched`;
  if (job.students) return 'students is for POST /jobs; here there is one job, with student';
  if (job.notBefore !== undefined) return 'notBefore is not possible here: the job starts when it is needed';
  return null;
}

function notWatched(name: string): never {
  throw problem(
    'not-found',
    `The model ${JSON.stringify(name)} is not watched; PUT its drift settings first.`,
  );
}
