import { AppError, messageOf, problem } from '../../core/errors.ts';
import type { StoredProblem } from '../../domain/base/problem.ts';
import type { TrainerOutcome } from './trainer-process.ts';

/** Why a run is ended before its work is. */
export type StopReason =
  | 'cancel' // SQL says cancelling
  | 'shutdown' // this worker is going down: the job goes back
  | 'timeout' // the attempt ran longer than the job allows
  | 'memory' // the trainer took more memory than the job allows
  | 'lost'; // somebody else has the job now: nothing may be written for it any more

/** Outcome of a run as far as the queue must know it. By then SQL has what users see. */
export type RunOutcome =
  | { kind: 'finished' }
  /** Another run of it is alive, maybe in this very process: look again later. */
  | { kind: 'busy' }
  /** It may not start here and now: it stays queued, and is looked at again after the pause or when it is woken. */
  | { kind: 'wait'; pauseMs: number }
  | { kind: 'put-back' }
  /** Put on record as queued: to be delivered again after the pause. */
  | { kind: 'retry'; detail: string; pauseMs: number }
  | { kind: 'failed'; detail: string };

export interface Failure {
  problem: StoredProblem;
  retryable: boolean;
}

function storedProblem(error: AppError): StoredProblem {
  const { code, title, detail, status, extra } = error;
  return { ...extra, type: 'about:blank', status, code, title, detail };
}

/** Failure of a job from anything thrown. An error that nobody foresaw may be a hiccup, so the job is tried again. */
export function failureOf(error: unknown): Failure {
  const known = error instanceof AppError ? error : problem('internal', messageOf(error), {}, error);
  return { problem: storedProblem(known), retryable: known.retryable };
}

type Crash = Extract<TrainerOutcome, { kind: 'crashed' }>;

/** V8, the C++ runtime and TensorFlow each say it in their own words. */
const OUT_OF_MEMORY = /heap out of memory|bad_alloc|OOM when allocating|CUDA_ERROR_OUT_OF_MEMORY/;

const LESS_MEMORY = 'lower the batch size, the width of the model, TENSOR_MEMORY_MIB or WORKER_CONCURRENCY';

/** A process that the system kills because memory is short has no last words of its own. */
function words(signal: NodeJS.Signals | null, lastLine: string | undefined): string {
  const said = lastLine ? `: ${lastLine}` : '.';
  return signal === 'SIGKILL'
    ? `${said} If nobody sent it, the system was out of memory: ${LESS_MEMORY}.`
    : said;
}

const HUNG =
  'The trainer process stood still: for minutes it said nothing and took no processor time, so it was killed. Look whether somebody stopped it, and whether its disk or database answers.';

export function crashFailure(crash: Omit<Crash, 'kind'>): Failure {
  const { exitCode, signal, stderr, hung } = crash;
  const how = signal ? `was ended by ${signal}` : `ended with exit code ${exitCode ?? 'unknown'}`;
  const extra = { exitCode, signal, stderr };
  if (hung) {
    const known = problem('trainer-crashed', HUNG, extra);
    return { problem: storedProblem(known), retryable: known.retryable };
  }
  const lastLine = stderr.split('\n').at(-1);
  const known = OUT_OF_MEMORY.test(stderr)
    ? problem('out-of-memory', `The trainer process ran out of memory and ${how}; ${LESS_MEMORY}.`, extra)
    : problem('trainer-crashed', `The trainer process ${how}${words(signal, lastLine)}`, extra);
  return { problem: storedProblem(known), retryable: known.retryable };
}
