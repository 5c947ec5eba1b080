import { problem } from '../../../core/errors.ts';
import type { DistillationSpec } from '../../../domain/jobs/distillation-spec.ts';
import type { Job } from '../../../domain/jobs/job.ts';
import { SearchReport } from '../../../domain/jobs/search-report.ts';
import { currentReport } from '../../../evaluation/upgrade/upgrade-report.ts';
import type { App } from '../../app-type.ts';
import type { AppDeps } from '../../deps.ts';
import { json } from '../../docs/documentation.ts';
import { findJob } from '../../jobs/find-job.ts';
import { figuresOf, searchReport, type Tried } from '../../jobs/search-report.ts';
import { JobParams } from '../../path-id.ts';
import { fileOfVersion } from '../../served-file.ts';

const EXAMPLE: SearchReport = {
  jobId: 'job_01kq3v5yqk8r7m2d9xw4t6b1ce',
  model: 'movies',
  alias: 'stable',
  isComplete: false,
  metric: 'ndcg@10',
  teacher: 0.224,
  points: [
    {
      place: 1,
      jobId: 'job_01kq3v5yqk8r7m2d9xw4t6b1ce',
      state: 'succeeded',
      student: { kind: 'fold-in', dimensions: 32, quantization: 'int8' },
      version: 7,
      dimensions: 32,
      bytes: 142_376,
      quality: { value: 0.216, low: 0.2, high: 0.23 },
      retained: 0.964,
      microseconds: 41,
      onFront: true,
      dominatedBy: [],
      beyond: [],
      isKnee: true,
      passed: true,
      refusedBy: [],
      isChosen: true,
      problem: null,
    },
    {
      place: 2,
      jobId: 'job_01kq3v5yqk8r7m2d9xw4t6b1cf',
      state: 'running',
      student: { kind: 'fold-in', dimensions: 16, quantization: 'int8' },
      version: null,
      dimensions: null,
      bytes: null,
      quality: null,
      retained: null,
      microseconds: null,
      onFront: false,
      dominatedBy: [],
      beyond: [],
      isKnee: false,
      passed: null,
      refusedBy: [],
      isChosen: false,
      problem: null,
    },
  ],
  front: [1],
  knee: { place: 1, method: 'one-point', distance: null },
  choose: 'knee',
  chosen: 7,
  text: 'Some students are still to come.',
};

const getSearch = {
  operationId: 'getSearch',
  tags: ['jobs'],
  summary: 'Compare the students of one request',
  description:
    'Of a job with search or students, named by any of its jobs: the front of quality against bytes against time, its knee, and what became of each point. A point is published later by pointing an alias at its version; nothing is trained again.',
  params: JobParams,
  response: { 200: json('The students beside each other.', SearchReport, { 'one is done': EXAMPLE }) },
  problems: {
    'not-found': 'There is no job "job_1".',
    conflict: 'The job job_1 has one student; POST /jobs with search or students tries several.',
  },
};

export function jobSearchRoute({ store, artifacts }: Pick<AppDeps, 'store' | 'artifacts'>) {
  return async (app: App): Promise<void> => {
    app.get('/jobs/:id/search', {
      config: { scope: 'read' },
      schema: getSearch,
      handler: async ({ params: { id } }) => {
        const asked = await findJob(store.jobs, id);
        const leader = asked.leader === null ? asked : await findJob(store.jobs, asked.leader);
        if (placeOf(leader) === undefined) {
          throw problem(
            'conflict',
            `The job ${id} has one student; POST /jobs with search or students tries several.`,
          );
        }
        const versions = await store.models.contestants(leader.id);
        const tried: Tried[] = [];
        for (const jobId of [leader.id, ...(await store.jobs.followers(leader.id))]) {
          const job = await findJob(store.jobs, jobId);
          const version = versions.find((one) => one.jobId === jobId);
          if (!version) tried.push({ job });
          else {
            const report = await fileOfVersion(artifacts, version, 'report.json');
            const figures = figuresOf(JSON.parse(currentReport(report).toString()));
            tried.push({ job, version, ...(figures && { figures }) });
          }
        }
        return searchReport(tried);
      },
    });
  };
}

const placeOf = ({ spec }: Job) => (spec as DistillationSpec).publish?.place;
