import type { ImportSpec } from '../domain/import.ts';
import type { ImportResult, JobProgress } from '../domain/job.ts';
import { failureOf } from './outcome.ts';
import type { Work } from './runner.ts';

export type RunImport = (
  spec: ImportSpec,
  context: { signal: AbortSignal; onProgress(progress: JobProgress): void },
) => Promise<ImportResult>;

/** Runs import jobs in the worker itself: they stream, and hold neither tensors nor much memory. */
export function createImportWork(runImport: RunImport): Work {
  return async (job, { signal, progress, logger }) => {
    try {
      const result = await runImport(job.spec as ImportSpec, { signal, onProgress: progress.report });
      return { kind: 'imported', result };
    } catch (error) {
      if (!signal.aborted) logger.warn({ err: error }, 'import failed');
      return { kind: 'failed', ...failureOf(error) };
    }
  };
}
