import { messageOf } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { JobProgress } from '../../domain/jobs/job.ts';

const SHORTEST_PAUSE_MS = 100;

export interface ProgressWriter {
  report(progress: JobProgress): void;
  /** Adds something else to the job's record, in order with the progress. */
  enqueue(write: () => Promise<void>): void;
  /** Writes what is still waiting. */
  flush(): Promise<void>;
}

/**
 * At most ten progress records a second, the newest of each tenth, and one for the end of every epoch. One write at a time, so that they are stored in
 * the order in which they were reported. Progress that cannot be stored does not stop the job.
 */
export function createProgressWriter(
  write: (progress: JobProgress) => Promise<void>,
  logger: Logger,
): ProgressWriter {
  let latest: JobProgress | undefined;
  let timer: NodeJS.Timeout | undefined;
  let lastWrite = 0;
  let queue: Promise<void> = Promise.resolve();

  const enqueue = (task: () => Promise<void>) => {
    queue = queue.then(task).catch((error) => {
      logger.warn({ reason: messageOf(error) }, 'progress could not be stored');
    });
  };
  const writeLatest = () => {
    clearTimeout(timer);
    timer = undefined;
    const progress = latest;
    latest = undefined;
    if (!progress) return;
    lastWrite = Date.now();
    enqueue(() => write(progress));
  };

  return {
    report(progress) {
      latest = progress;
      if (progress.epochEnd) return writeLatest();
      timer ??= setTimeout(writeLatest, Math.max(0, lastWrite + SHORTEST_PAUSE_MS - Date.now()));
    },
    enqueue(task) {
      writeLatest();
      enqueue(task);
    },
    flush() {
      writeLatest();
      return queue;
    },
  };
}
