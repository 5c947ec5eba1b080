import type { Job } from '../../domain/jobs/job.ts';
import type { JobTemplate } from '../../store/jobs/contract.ts';
import type { Store } from '../../store/store.ts';

type Sources = { models: Pick<Store['models'], 'get'>; jobs: Pick<Store['jobs'], 'get'> };

/** A job like that which made a version; or why there can be none. */
export async function jobLikeThat(
  model: string,
  version: number | null,
  keyId: string | null,
  { models, jobs }: Sources,
): Promise<{ job: JobTemplate } | { reason: string }> {
  const live = version === null ? null : await models.get(model, version);
  const made = live && (await jobs.get(live.jobId));
  if (!made) {
    return {
      reason: `The job that made version ${version} is not on record any more; put one into the drift settings.`,
    };
  }
  return { job: templateOf(model, made, keyId) };
}

function templateOf(model: string, made: Job, keyId: string | null): JobTemplate {
  const { notBefore: _time, publish, ...rest } = made.spec as Record<string, unknown>;
  // It stands alone, also where that one was among several students.
  const { place: _place, choose: _choose, ...alone } = (publish ?? {}) as Record<string, unknown>;
  const spec = { ...rest, model, publish: alone } as JobTemplate['spec'];
  const { priority = 0 } = rest as { priority?: number };
  return { type: 'distillation', model, spec, exclusive: model, priority, ...(keyId !== null && { keyId }) };
}
