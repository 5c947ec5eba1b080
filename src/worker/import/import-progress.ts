import type { ImportSpec } from '../../domain/data/import.ts';
import type { ImportResult, JobProgress } from '../../domain/jobs/job.ts';
import type { ImportSource } from './import-source.ts';

const PROGRESS_INTERVAL_MS = 100;

interface Reported {
  spec: ImportSpec;
  onProgress(progress: JobProgress): void;
}

/** The rows it names are settled, so that the run after a crash may read them over. */
export function progressReporter(
  { spec, onProgress }: Reported,
  source: ImportSource,
  work: { settled: number; skip: number; result: Pick<ImportResult, 'accepted' | 'duplicates'> },
) {
  const started = performance.now();
  let last = Number.NEGATIVE_INFINITY;
  return ({ isLast = false } = {}) => {
    const at = performance.now();
    if ((at - last < PROGRESS_INTERVAL_MS && !isLast) || work.settled === 0 || work.settled < work.skip)
      return;
    last = at;
    const bytes = source.bytesRead();
    const total = source.totalBytes ?? spec.bytes ?? 0;
    const fraction = total > 0 ? Math.min(1, bytes / total) : 0;
    const seconds = (at - started) / 1000;
    const { accepted, duplicates } = work.result;
    const rejected = work.settled - accepted - duplicates;
    const progress: JobProgress = {
      stage: 'import',
      fraction,
      rows: work.settled,
      bytes,
      accepted,
      duplicates,
      rejected,
    };
    if (fraction > 0.01) progress.etaSeconds = Math.round((seconds / fraction) * (1 - fraction));
    onProgress(progress);
  };
}
