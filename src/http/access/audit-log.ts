import { randomUUID } from 'node:crypto';
import type { Logger } from '../../core/logger.ts';
import type { AuditEntry, AuditStore } from '../../store/audit/contract.ts';

/** A request as the audit writes it down. */
export type Audited = Omit<AuditEntry, 'id' | 'at' | 'requests'>;

export interface AuditLog {
  /** Writes down one change. */
  add(entry: Audited): void;
  /** Counts a request beside others of its minute that differ in nothing but their ids. */
  count(entry: Audited): void;
  close(): Promise<void>;
}

export interface AuditLogOptions {
  store: Pick<AuditStore, 'add' | 'expire'>;
  logger: Logger;
  now(): number;
  /** Entries are deleted when they are so old. */
  keepDays: number;
  writeMs?: number;
  countMs?: number;
}

const WRITE_MS = 1_000;
const COUNT_MS = 60_000;
const EXPIRE_MS = 3_600_000;
const EXPIRED_AT_ONCE = 1_000;
const DAY_MS = 86_400_000;
/** Entries that wait while the database is away; what comes beyond is in the log stream alone. */
const MOST_WAITING = 10_000;
/** Kinds of requests that are told apart in a minute: a sender of many addresses must not fill the memory. */
const MOST_COUNTS = 1_000;
const OTHERS = 'others';

/**
 * Entries wait in memory and are stored together once a second, counts once a minute, so that no request waits for them.
 * Each is a log line with `audit: true` as soon as it is known. A process that is killed loses what waits, from the table alone
 * where it was logged.
 */
export function createAuditLog(options: AuditLogOptions): AuditLog {
  const { store, now, writeMs = WRITE_MS, countMs = COUNT_MS } = options;
  const stream = lineStream(options.logger);
  let waiting: AuditEntry[] = [];
  let dropped = 0;
  let counts = new Map<string, AuditEntry>();

  function say(entry: AuditEntry): void {
    stream?.info(entry, 'audit');
    if (waiting.length < MOST_WAITING) waiting.push(entry);
    else dropped++;
  }

  async function write(): Promise<void> {
    if (waiting.length === 0) return;
    const entries = waiting;
    waiting = [];
    try {
      await store.add(entries);
      if (dropped > 0) options.logger.error({ dropped }, 'entries of the audit are in the log stream alone');
      dropped = 0;
    } catch (error) {
      options.logger.warn({ err: error, entries: entries.length }, 'the audit waits to be written');
      const all = [...entries, ...waiting];
      waiting = all.slice(0, MOST_WAITING);
      dropped += all.length - waiting.length;
    }
  }

  function endMinute(): void {
    const ended = counts;
    counts = new Map();
    for (const entry of ended.values()) say(entry);
  }

  async function expire(): Promise<void> {
    const before = now() - options.keepDays * DAY_MS;
    while ((await store.expire(before, EXPIRED_AT_ONCE)) === EXPIRED_AT_ONCE);
  }
  const tryToExpire = () =>
    void expire().catch((error) =>
      options.logger.warn({ err: error }, 'old entries of the audit not deleted'),
    );

  const timers = [
    setInterval(() => void write(), writeMs),
    setInterval(endMinute, countMs),
    setInterval(tryToExpire, EXPIRE_MS),
  ];
  for (const timer of timers) timer.unref();
  const stamp = (entry: Audited): AuditEntry => ({ ...entry, id: randomUUID(), at: now(), requests: 1 });

  return {
    add: (entry) => say(stamp(entry)),
    count(entry) {
      // The ids of one of many would say nothing of the others.
      let like: Audited = { ...entry, targets: {}, requestId: null };
      if (counts.size >= MOST_COUNTS && !counts.has(nameOf(like))) like = { ...like, address: OTHERS };
      const known = counts.get(nameOf(like));
      if (known) known.requests++;
      else counts.set(nameOf(like), stamp(like));
    },
    async close() {
      for (const timer of timers) clearInterval(timer);
      endMinute();
      await write();
    },
  };
}

const nameOf = ({ keyId, address, action, status }: Audited) =>
  JSON.stringify([keyId, address, action, status]);

/** The stream is there at each level of the log but silent: it is a record and no diagnosis. */
function lineStream(logger: Logger): Logger | null {
  return logger.level === 'silent' ? null : logger.child({ audit: true }, { level: 'info' });
}
