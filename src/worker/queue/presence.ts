import { hostname } from 'node:os';
import { messageOf } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { Job } from '../../domain/jobs/job.ts';
import type { JobRequirements } from '../../domain/jobs/job-options.ts';
import { meetsRequirements, type TrainerHealth, type WorkerBeat } from '../../domain/jobs/worker.ts';
import type { Store } from '../../store/store.ts';
import type { Work } from './runner.ts';

const BEAT_MS = 10_000;

export interface Presence {
  /** Name of this worker among all. */
  id: string;
  /** Lanes whose jobs this worker takes. */
  lanes: WorkerBeat['lanes'];
  start(): void;
  /** Takes the findings of the probe, or why it found nothing. */
  describe(facts: Pick<WorkerBeat, 'trainer'> | Pick<WorkerBeat, 'problem'>): void;
  /** Wraps the work, so that it is shown while it runs. */
  watch(work: Record<Job['type'], Work>): Record<Job['type'], Work>;
  /** Says whether trainers here have what a job asks for. Before the probe has ended the answer is no. */
  meets(requirements: JobRequirements): boolean;
  stop(): Promise<void>;
}

/** Tells the database every ten seconds that this worker is alive and what it does. A beat that fails costs nothing. */
export function createPresence(
  workers: Store['workers'],
  lanes: WorkerBeat['lanes'],
  logger: Logger,
  beatMs = BEAT_MS,
): Presence {
  const host = hostname();
  const id = `${host}-${process.pid}`;
  const concurrency = (lanes ?? []).reduce((sum, lane) => sum + (lane.concurrency ?? 0), 0);
  const jobs = new Set<string>();
  let trainer: TrainerHealth | null = null;
  let trouble: string | null = null;
  let timer: NodeJS.Timeout | undefined;

  function beat(): void {
    workers
      .beat({ id, host, concurrency, lanes, jobs: [...jobs], trainer, problem: trouble })
      .catch((error) =>
        logger.debug({ reason: messageOf(error) }, 'the worker could not say that it is alive'),
      );
  }

  const shown =
    (work: Work): Work =>
    async (job, context) => {
      jobs.add(job.id);
      beat();
      try {
        return await work(job, context);
      } finally {
        jobs.delete(job.id);
        beat();
      }
    };

  return {
    id,
    lanes,
    start() {
      beat();
      timer = setInterval(beat, beatMs);
    },
    describe(facts) {
      if ('trainer' in facts) trainer = facts.trainer;
      else trouble = facts.problem;
      beat();
    },
    watch: (work) => ({ distillation: shown(work.distillation), import: shown(work.import) }),
    meets: (requirements) => trainer !== null && meetsRequirements(trainer, requirements),
    async stop() {
      clearInterval(timer);
      await workers.leave(id).catch(() => {});
    },
  };
}
