import { messageOf } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { JobLogLine } from '../../domain/jobs/job.ts';
import type { NewLogLine } from '../../store/jobs/contract.ts';
import type { Store } from '../../store/store.ts';

const FLUSH_MS = 500;
const LONGEST_LINE = 4000;
/** Most lines that wait while the database is away. */
const MOST_WAITING = 5000;

export interface JobLog {
  add(level: JobLogLine['level'], message: string): void;
  /** A line as a trainer printed it: JSON of its logger, or the words of a library. */
  addPrinted(line: string): void;
  flush(): Promise<void>;
}

/** Log of one job, for `GET /jobs/:id/logs`. Lines that cannot be stored do not stop the job. */
export function createJobLog(jobs: Pick<Store['jobs'], 'log'>, jobId: string, logger: Logger): JobLog {
  let waiting: NewLogLine[] = [];
  let timer: NodeJS.Timeout | undefined;
  let last: Promise<void> = Promise.resolve();

  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const lines = waiting;
    waiting = [];
    if (lines.length > 0) {
      last = last
        .then(() => jobs.log(jobId, lines))
        .catch((error) => logger.warn({ reason: messageOf(error) }, 'log lines could not be stored'));
    }
    return last;
  };
  const add: JobLog['add'] = (level, message) => {
    if (waiting.length >= MOST_WAITING) return;
    waiting.push({ at: Date.now(), level, message: message.slice(0, LONGEST_LINE) });
    timer ??= setTimeout(() => void flush(), FLUSH_MS);
  };
  return {
    add,
    addPrinted(line) {
      const { level, message } = parsePrinted(line);
      if (message !== '') add(level, message);
    },
    flush,
  };
}

/** Members of every line of our logger that a job's own log leaves out. */
const KNOWN = new Set(['level', 'time', 'pid', 'hostname', 'name', 'jobId', 'msg', 'process']);

/** Exported for its test. */
export function parsePrinted(line: string): Pick<NewLogLine, 'level' | 'message'> {
  const text = line.trimEnd();
  if (!text.startsWith('{')) return { level: 'info', message: text };
  try {
    const { level, msg = '', ...rest } = JSON.parse(text) as { level?: number; msg?: string };
    if (typeof level !== 'number') return { level: 'info', message: text };
    const facts = Object.entries(rest).filter(([name]) => !KNOWN.has(name));
    const more = facts.length > 0 ? ` ${JSON.stringify(Object.fromEntries(facts))}` : '';
    return { level: levelOf(level), message: `${msg}${more}` };
  } catch {
    return { level: 'info', message: text };
  }
}

function levelOf(pinoLevel: number): JobLogLine['level'] {
  if (pinoLevel < 30) return 'debug';
  if (pinoLevel < 40) return 'info';
  return pinoLevel < 50 ? 'warn' : 'error';
}
