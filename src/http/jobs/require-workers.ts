import { problem } from '../../core/errors.ts';
import type { CompleteDistillation } from '../../domain/jobs/complete-distillation.ts';
import type { JobRequirements } from '../../domain/jobs/job-options.ts';
import { ALIVE_MS, meetsRequirements, type TrainerHealth } from '../../domain/jobs/worker.ts';
import type { Store } from '../../store/store.ts';

/**
 * Refuses requirements that no worker can meet. Where none is there, or one has not looked at its machine yet, the job waits:
 * workers may be started after it.
 */
export async function requireWorkers(
  { workers }: Pick<Store, 'workers'>,
  specs: readonly CompleteDistillation[],
): Promise<void> {
  const asking = specs.flatMap(({ requirements }) => requirements ?? []);
  if (asking.length === 0) return;
  const alive = await workers.alive(ALIVE_MS);
  if (alive.length === 0 || alive.some(({ trainer, problem: trouble }) => !trainer && !trouble)) return;
  const trainers = alive.flatMap(({ trainer }) => trainer ?? []);
  for (const requirements of asking) {
    if (trainers.some((trainer) => meetsRequirements(trainer, requirements))) continue;
    throw problem(
      'invalid-job',
      `requirements ${JSON.stringify(requirements)} can be met by none of the workers that are there: ${whatThereIs(requirements, trainers)}. See GET /workers; start a worker that fits, or ask for less.`,
    );
  }
}

function whatThereIs({ device }: JobRequirements, trainers: readonly TrainerHealth[]): string {
  if (trainers.length === 0) return 'no trainer can run there';
  const fitting = trainers.filter(({ backend }) => device === undefined || backend === device);
  if (fitting.length === 0) {
    return `their trainers run on ${[...new Set(trainers.map(({ backend }) => backend))].join(', ')}`;
  }
  return `memoryMiB must be at most ${Math.max(...fitting.map(({ memoryMiB }) => memoryMiB))}`;
}
