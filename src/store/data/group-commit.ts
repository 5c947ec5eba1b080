import { performance } from 'node:perf_hooks';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { AppError } from '../../core/errors.ts';

interface Waiting<Row, Outcome> {
  rows: readonly Row[];
  resolve(outcomes: Outcome[]): void;
  reject(error: unknown): void;
}

export interface LoadMeter {
  reset(): void;
  /** True where the event loop has had hardly any rest since. */
  isHigh(): boolean;
}

/** A transaction holds other writers up; larger calls go alone. */
const MAX_GROUP_ROWS = 2_000;
/** Pause between two commits where the process has much else to do. */
const PAUSE_MS = 10;
/** More rows are worth a commit of their own. */
const FEW_ROWS = 200;
const BUSY_SHARE = 0.8;

/**
 * Calls that come in while a transaction runs share the next one, and with it one wait for the disk: so many small
 * posts cost as few waits as one large one. Each call is answered when its rows are on disk.
 * @param store one transaction; outcome per row, in order
 * @param load where a commit takes processor time of this process: if that has much else to do, small posts wait a
 *   little longer for each other
 */
export function createGroupCommit<Row, Outcome>(
  store: (rows: readonly Row[]) => Promise<Outcome[]>,
  load: LoadMeter | null = null,
): (rows: readonly Row[]) => Promise<Outcome[]> {
  let waiting: Waiting<Row, Outcome>[] = [];
  let running = false;
  let committed = Number.NEGATIVE_INFINITY;

  async function run(): Promise<void> {
    running = true;
    while (waiting.length > 0) {
      // What has arrived already is read first; a disk's wait is a thousand times longer.
      await setImmediate();
      const pause = committed + PAUSE_MS - performance.now();
      const isSmall = waiting.reduce((rows, call) => rows + call.rows.length, 0) <= FEW_ROWS;
      if (pause > 0 && isSmall && load?.isHigh()) await setTimeout(pause);
      await storeGroup(takeGroup());
      committed = performance.now();
      load?.reset();
    }
    running = false;
  }

  function takeGroup(): Waiting<Row, Outcome>[] {
    let rows = 0;
    const end = waiting.findIndex((call, i) => {
      rows += call.rows.length;
      return i > 0 && rows > MAX_GROUP_ROWS;
    });
    const group = end < 0 ? waiting : waiting.slice(0, end);
    waiting = end < 0 ? [] : waiting.slice(end);
    return group;
  }

  async function storeGroup(group: readonly Waiting<Row, Outcome>[]): Promise<void> {
    try {
      const [only] = group;
      const outcomes = await store(group.length === 1 ? only!.rows : group.flatMap(({ rows }) => rows));
      let start = 0;
      for (const { rows, resolve } of group) {
        resolve(outcomes.slice(start, start + rows.length));
        start += rows.length;
      }
    } catch (error) {
      // Whatever one call's rows broke is not the others' fault; a database that is away is away for all.
      if (group.length > 1 && !(error instanceof AppError))
        for (const call of group) await storeGroup([call]);
      else for (const { reject } of group) reject(error);
    }
  }

  return (rows) =>
    new Promise((resolve, reject) => {
      waiting.push({ rows, resolve, reject });
      if (!running) void run();
    });
}

export function createLoadMeter(): LoadMeter {
  let start = performance.eventLoopUtilization();
  return {
    reset() {
      start = performance.eventLoopUtilization();
    },
    isHigh: () => performance.eventLoopUtilization(start).utilization > BUSY_SHARE,
  };
}
