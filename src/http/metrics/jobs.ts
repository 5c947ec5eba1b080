import { ALIVE_MS } from '../../domain/jobs/worker.ts';
import type { JobCounters, JobHistogram, QueueCounts } from '../../store/jobs/contract.ts';
import { type LaneView, laneViews } from '../../store/jobs/lane-views.ts';
import type { Store } from '../../store/store.ts';

/**
 * Counts and times of jobs in Prometheus' text format. Workers have no port of their own, and every api must say the same: so
 * the numbers are kept in SQL, and not in this process.
 */
export async function jobMetrics({ jobs, workers }: Pick<Store, 'jobs' | 'workers'>): Promise<string> {
  const [counters, counts, alive] = await Promise.all([
    jobs.counters(),
    jobs.queueCounts(),
    workers.alive(ALIVE_MS),
  ]);
  const lanes = laneViews(counts, alive, Date.now());
  return [...stateLines(counts), ...laneLines(lanes), ...counterLines(counters)].join('\n').concat('\n');
}

function laneLines(lanes: readonly LaneView[]): string[] {
  const each = (name: string, help: string, value: (lane: LaneView) => number) => [
    ...head(name, 'gauge', help),
    ...lanes.map((lane) => `${name}{lane="${lane.lane}"} ${value(lane)}`),
  ];
  return [
    ...head('stillhouse_lane_jobs', 'gauge', 'Unfinished jobs by lane; waiting: those that could run now.'),
    ...lanes.flatMap(({ lane, queued, delayed, running }) =>
      Object.entries({ waiting: queued - delayed, delayed, running }).map(
        ([state, value]) => `stillhouse_lane_jobs{lane="${lane}",state="${state}"} ${value}`,
      ),
    ),
    ...each(
      'stillhouse_lane_oldest_waiting_seconds',
      'Wait of the job of the lane that could have run for longest; 0 where none waits.',
      ({ oldestWaitedSeconds }) => oldestWaitedSeconds ?? 0,
    ),
    ...each('stillhouse_lane_workers', 'Workers alive that take the lane.', ({ workers }) => workers),
    ...each(
      'stillhouse_lane_concurrency',
      'Jobs at a time of all workers of the lane.',
      ({ concurrency }) => concurrency,
    ),
  ];
}

function stateLines({ states, delayed, oldestWaiting }: QueueCounts): string[] {
  const oldest = oldestWaiting ? (Date.now() - Date.parse(oldestWaiting.createdAt)) / 1000 : 0;
  return [
    ...head('stillhouse_jobs', 'gauge', 'Jobs by state.'),
    ...Object.entries(states).map(([state, value]) => `stillhouse_jobs{state="${state}"} ${value}`),
    ...head('stillhouse_jobs_delayed', 'gauge', 'Queued jobs that wait for their time.'),
    `stillhouse_jobs_delayed ${delayed}`,
    ...head('stillhouse_jobs_oldest_waiting_seconds', 'gauge', 'Age of the oldest job that could run now.'),
    `stillhouse_jobs_oldest_waiting_seconds ${Math.max(0, oldest)}`,
  ];
}

function counterLines({ finished, retries, stalls, rows, wait, run, stage }: JobCounters): string[] {
  return [
    ...head('stillhouse_jobs_finished_total', 'counter', 'Jobs that came to an end.'),
    ...finished.map(({ label, value }) => {
      const [type, state] = label.split(' ');
      return `stillhouse_jobs_finished_total{type="${type}",state="${state}"} ${value}`;
    }),
    ...head('stillhouse_job_retries_total', 'counter', 'Attempts after the first.'),
    ...retries.map(({ label, value }) => `stillhouse_job_retries_total{type="${label}"} ${value}`),
    ...head('stillhouse_job_stalls_total', 'counter', 'Jobs whose worker was lost.'),
    ...stalls.map(({ label, value }) => `stillhouse_job_stalls_total{type="${label}"} ${value}`),
    ...head(
      'stillhouse_import_rows_total',
      'counter',
      'Rows of imports that succeeded, by what became of them.',
    ),
    ...rows.map(({ label, value }) => `stillhouse_import_rows_total{outcome="${label}"} ${value}`),
    ...histogram('stillhouse_job_wait_seconds', 'From submission, or notBefore, to the first start.', wait),
    ...histogram('stillhouse_job_run_seconds', 'From the last start to the end.', run),
    ...histogram('stillhouse_job_stage_seconds', 'Time of each stage of a distillation.', stage, 'stage'),
  ];
}

function histogram(name: string, help: string, histograms: JobHistogram[], label = 'type'): string[] {
  return [
    ...head(name, 'histogram', help),
    ...histograms.flatMap(({ type, buckets, sum, count }) => [
      ...buckets.map(({ le, count: below }) => `${name}_bucket{${label}="${type}",le="${le}"} ${below}`),
      `${name}_sum{${label}="${type}"} ${sum}`,
      `${name}_count{${label}="${type}"} ${count}`,
    ]),
  ];
}

const head = (name: string, type: string, help: string) => [
  `# HELP ${name} ${help}`,
  `# TYPE ${name} ${type}`,
];
