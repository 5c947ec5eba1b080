import { completeDistillation } from '../../../domain/jobs/complete-distillation.ts';
import { DistillationSpec } from '../../../domain/jobs/distillation-spec.ts';
import { JobPlan } from '../../../domain/jobs/job-plan.ts';
import { withCurrentNames } from '../../../domain/losses/former-names.ts';
import type { App } from '../../app-type.ts';
import type { AppDeps } from '../../deps.ts';
import { json } from '../../docs/documentation.ts';
import { NEW_JOBS } from '../../docs/examples.ts';
import { planRequest } from '../../jobs/planner.ts';
import { allErrorsCompiler } from '../../plugins/validation.ts';

const JOB_BODY_LIMIT = 64 * 1024;

const EXAMPLE: JobPlan = {
  runs: true,
  spec: completeDistillation({ model: 'movies' }),
  settings: { student: { kind: 'fold-in', dimensions: 64, quantization: 'int8' } },
  defaults: [
    {
      field: 'student.dimensions',
      value: 64,
      why: '64, on small catalogues a fifth of the items.',
      decidedBy: 'data',
    },
    {
      field: 'student.user',
      value: 'summed',
      why: 'Chosen on validation among summed, thinned; solved, thinned.',
      decidedBy: 'validation',
      choices: ['summed, thinned', 'solved, thinned'],
    },
  ],
  expected: {
    seconds: 96.4,
    isRough: false,
    stages: [{ stage: 'teacher', seconds: 48.2 }],
    plannedSeconds: 80.3,
    pace: 1.2,
    measuredOn: ['job_01kq3v0rm2hz5n8c4yj7p3d6fa'],
    memoryMiB: 520,
    basis:
      'Rates per pair, times the median of what one earlier job of this installation took by its own plan.',
  },
  data: {
    isWhole: true,
    lookedAt: 100_000,
    rows: 100_000,
    users: 942,
    items: 1447,
    pairs: 55_375,
    trainPairs: 38_900,
    testPairs: 10_700,
    minimum: { interactions: 50, users: 10, items: 10, isMet: true },
    undated: { rows: 0, share: 0 },
    first: '1997-09-20T03:05:10.000Z',
    last: '1998-04-22T23:10:38.000Z',
    types: [
      {
        type: 'rating',
        rows: 100_000,
        meaning: 'positive',
        from: 'usual',
        values: { rows: 100_000, low: 1, high: 5 },
      },
    ],
    columns: [{ of: 'items', field: 'features.year', readAs: 'number', said: 0.99 }],
  },
  students: [],
  warnings: [],
  problems: [],
};

const planJob = {
  operationId: 'planJob',
  tags: ['jobs'],
  summary: 'Ask what a job would do and cost',
  description:
    'Takes the body of POST /jobs, stores nothing and trains nothing. The answer has the job with every default and its reason, the time and memory that are expected of it, checks of the data, and problems: each with its field and what would be right. It reads at most 500,000 interactions; beyond, whole histories of some users, so that counts are estimates. POST /jobs keeps the same with the job.',
  body: DistillationSpec,
  examples: NEW_JOBS,
  response: { 200: json('The plan.', JobPlan, { 'a job with all defaults': EXAMPLE }) },
  problems: {
    'invalid-request': 'distillation.losses[0].temperature must be a number > 0 and <= 1000; got 0.',
  },
};

export function jobPlanRoute(
  deps: Pick<AppDeps, 'store' | 'artifacts' | 'planner' | 'importDir' | 'importUrls'>,
) {
  return async (app: App): Promise<void> => {
    app.post('/jobs/plan', {
      bodyLimit: JOB_BODY_LIMIT,
      validatorCompiler: allErrorsCompiler(),
      config: { scope: 'train' },
      schema: planJob,
      preValidation: async (request) => {
        request.body = withCurrentNames(request.body);
      },
      handler: ({ body }) => planRequest(deps, body),
    });
  };
}
