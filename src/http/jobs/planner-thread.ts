import type { Worker } from 'node:worker_threads';
import { builtFile } from '../../core/built-file.ts';
import type { Logger } from '../../core/logger.ts';
import { startThread } from '../../core/thread.ts';
import type { JobPlan } from '../../domain/jobs/job-plan.ts';
import type { Planner } from '../deps.ts';
import type { PlannerQuestion, PlannerReply, PlannerSettings } from './planner-messages.ts';

/** A thread without questions ends after this time, so that its memory comes back. */
const IDLE_MS = 60_000;
/** A plan reads at most some hundred thousand rows: one that takes longer hangs. */
const PATIENCE_MS = 60_000;
const MOST_WAITING = 32;

interface Waiting {
  resolve(plans: JobPlan[]): void;
  reject(error: Error): void;
  timer: NodeJS.Timeout;
}

/**
 * Plans in a thread of its own, which starts when it is first asked and ends when nobody has asked for a minute. The modules that know
 * how to train load there, and never TensorFlow.
 */
export function createPlannerThread(
  settings: PlannerSettings,
  logger: Logger,
  { idleMs = IDLE_MS, patienceMs = PATIENCE_MS } = {},
): Planner & { close(): Promise<void> } {
  const waiting = new Map<number, Waiting>();
  let [thread, idle, count]: [Worker | undefined, NodeJS.Timeout | undefined, number] = [
    undefined,
    undefined,
    0,
  ];

  function end(why: Error): void {
    const ended = thread;
    thread = undefined;
    for (const { reject, timer } of waiting.values()) {
      clearTimeout(timer);
      reject(why);
    }
    waiting.clear();
    void ended?.terminate();
  }

  function start(): Worker {
    const started = startThread(builtFile('bin/planner.js'), settings);
    // Nobody waits for it at the end of the process.
    started.unref();
    started.on('message', (reply: PlannerReply) => answer(reply));
    const failed = (error: Error) => {
      if (thread !== started) return;
      logger.error({ err: error }, 'the planner ended');
      end(error);
    };
    started.on('error', failed);
    started.on('exit', (code) => failed(new Error(`the planner ended with code ${code}`)));
    return started;
  }

  function answer({ id, ...reply }: PlannerReply): void {
    const asked = waiting.get(id);
    if (!asked) return;
    waiting.delete(id);
    clearTimeout(asked.timer);
    if ('plans' in reply) asked.resolve(reply.plans);
    else asked.reject(new Error(reply.failed));
    if (waiting.size === 0) idle = setTimeout(() => end(new Error('idle')), idleMs).unref();
  }

  return {
    plan(requested, specs) {
      clearTimeout(idle);
      if (waiting.size >= MOST_WAITING) {
        return Promise.reject(new Error(`${MOST_WAITING} plans are being made already`));
      }
      thread ??= start();
      const id = count++;
      const planning = new Promise<JobPlan[]>((resolve, reject) => {
        const late = () => end(new Error(`the planner did not answer within ${patienceMs} ms`));
        waiting.set(id, { resolve, reject, timer: setTimeout(late, patienceMs).unref() });
      });
      thread.postMessage({ id, requested, specs } satisfies PlannerQuestion);
      return planning;
    },
    async close() {
      clearTimeout(idle);
      end(new Error('closed'));
    },
  };
}
