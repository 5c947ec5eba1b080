import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { CODE_VERSION } from '../../core/version.ts';
import type { Job } from '../../domain/jobs/job.ts';
import type { Work } from '../queue/runner.ts';

export interface WorkerMetrics {
  registry: Registry;
  /** Wraps the work, so that its attempts are counted. */
  watch(work: Record<Job['type'], Work>): Record<Job['type'], Work>;
}

/** Counts what this worker process does; the api counts jobs as a whole. */
export function createWorkerMetrics(): WorkerMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  new Gauge({
    name: 'stillhouse_build_info',
    help: '1, with the versions of the code and of Node.',
    labelNames: ['version', 'node'],
    registers,
  }).set({ version: CODE_VERSION, node: process.versions.node }, 1);
  const running = new Gauge({
    name: 'stillhouse_worker_running_jobs',
    help: 'Jobs that this worker runs now.',
    labelNames: ['type'],
    registers,
  });
  const memory = new Gauge({
    name: 'stillhouse_trainer_memory_bytes',
    help: 'Memory of the trainers of this worker, as far as they have told it.',
    registers,
  });
  const attempts = new Counter({
    name: 'stillhouse_worker_attempts_total',
    help: 'Attempts that ended here, by how the work itself ended.',
    labelNames: ['type', 'outcome'],
    registers,
  });
  const trainers = new Map<string, number>();
  const tell = (jobId: string, mebibytes: number | undefined) => {
    if (mebibytes === undefined) trainers.delete(jobId);
    else trainers.set(jobId, mebibytes * 2 ** 20);
    memory.set([...trainers.values()].reduce((sum, bytes) => sum + bytes, 0));
  };

  const counted =
    (type: Job['type'], work: Work): Work =>
    async (job, context) => {
      running.inc({ type });
      const { progress } = context;
      const watched = {
        ...progress,
        report: (latest: Parameters<typeof progress.report>[0]) => {
          if (latest.rssMiB !== undefined) tell(job.id, latest.rssMiB);
          progress.report(latest);
        },
      };
      try {
        const ending = await work(job, { ...context, progress: watched });
        attempts.inc({ type, outcome: ending.kind });
        return ending;
      } finally {
        tell(job.id, undefined);
        running.dec({ type });
      }
    };

  return {
    registry,
    watch: (work) => ({
      distillation: counted('distillation', work.distillation),
      import: counted('import', work.import),
    }),
  };
}
