import { setImmediate } from 'node:timers/promises';
import { AppError } from '../core/errors.ts';

interface Waiting<Row, Outcome> {
  rows: readonly Row[];
  resolve(outcomes: Outcome[]): void;
  reject(error: unknown): void;
}

/** A transaction holds other writers up; larger calls go alone. */
const MAX_GROUP_ROWS = 2_000;

/**
 * Calls that come in while a transaction runs share the next one, and with it one wait for the disk: so many small
 * posts cost as few waits as one large one. Each call is answered when its rows are on disk.
 * @param store one transaction; outcome per row, in order
 */
export function createGroupCommit<Row, Outcome>(
  store: (rows: readonly Row[]) => Promise<Outcome[]>,
): (rows: readonly Row[]) => Promise<Outcome[]> {
  let waiting: Waiting<Row, Outcome>[] = [];
  let running = false;

  async function run(): Promise<void> {
    running = true;
    while (waiting.length > 0) {
      // What has arrived already is read first; a disk's wait is a thousand times longer.
      await setImmediate();
      await storeGroup(takeGroup());
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
