import type { CompleteDistillation } from '../../domain/jobs/complete-distillation.ts';
import type { DistillationSpec } from '../../domain/jobs/distillation-spec.ts';
import type { JobPlan } from '../../domain/jobs/job-plan.ts';

/** Settings of the thread that plans. */
export interface PlannerSettings {
  databaseUrl: string;
  artifactsUrl: string;
  /** Memory that a trainer may take here, where that is set. */
  memoryMiB?: number | undefined;
}

export interface PlannerQuestion {
  id: number;
  requested: DistillationSpec;
  specs: readonly CompleteDistillation[];
}

export type PlannerReply = { id: number } & ({ plans: JobPlan[] } | { failed: string });
