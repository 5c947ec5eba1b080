import { expect, it, onTestFinished, vi } from 'vitest';
import { createLogger } from '../../../src/core/logger.ts';
import { type Audited, createAuditLog } from '../../../src/http/access/audit-log.ts';
import type { AuditEntry } from '../../../src/store/audit/contract.ts';

const entry = (part: Partial<Audited> = {}): Audited => ({
  ...{ keyId: 'k', keyName: 'key', address: '203.0.113.7', action: 'POST /x' },
  ...{ targets: { id: '1' }, status: 200, requestId: 'r' },
  ...part,
});

function setUp({ level = 'info', fails = 0 } = {}) {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const lines: Record<string, unknown>[] = [];
  const stored: AuditEntry[] = [];
  const expired: number[] = [];
  const store = {
    async add(entries: readonly AuditEntry[]) {
      if (fails-- > 0) throw new Error('away');
      stored.push(...entries);
    },
    async expire(before: number) {
      expired.push(before);
      return expired.length === 1 ? 1000 : 0;
    },
  };
  const logger = createLogger('test', level, { write: (line) => void lines.push(JSON.parse(line)) });
  const log = createAuditLog({ store, logger, now: () => 5_000_000_000, keepDays: 2 });
  return { log, lines, stored, expired };
}

it('stores changes together a second later, and logs each at once, at any level', async () => {
  const { log, lines, stored } = setUp({ level: 'error' });
  log.add(entry());
  log.add(entry({ status: 404 }));
  expect(lines).toMatchObject([
    { audit: true, msg: 'audit', keyId: 'k', status: 200, targets: { id: '1' } },
    { audit: true, status: 404 },
  ]);
  expect(stored).toEqual([]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(stored).toMatchObject([{ at: 5_000_000_000, requests: 1, requestId: 'r' }, { status: 404 }]);
  await log.close();
});

it('counts like requests of a minute, without the ids of one of them', async () => {
  const { log, lines, stored } = setUp();
  for (let i = 0; i < 3; i++) log.count(entry({ requestId: `r${i}` }));
  log.count(entry({ status: 401, address: '203.0.113.8' }));
  await vi.advanceTimersByTimeAsync(59_000);
  expect(lines).toEqual([]);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(stored).toMatchObject([
    { requests: 3, targets: {}, requestId: null },
    { requests: 1, status: 401, address: '203.0.113.8' },
  ]);
  await log.close();
});

it('bounds what it tells apart, and counts the rest together', async () => {
  const { log, stored } = setUp();
  for (let i = 0; i < 1_500; i++) log.count(entry({ status: 401, address: `a${i}` }));
  await log.close();
  expect(stored).toHaveLength(1_001);
  expect(stored.find(({ address }) => address === 'others')?.requests).toBe(500);
});

it('writes again what could not be written, and the rest at the end', async () => {
  const { log, lines, stored } = setUp({ fails: 1 });
  log.add(entry());
  await vi.advanceTimersByTimeAsync(1_000);
  expect(stored).toEqual([]);
  expect(lines.at(-1)).toMatchObject({ msg: 'the audit waits to be written', entries: 1 });
  log.add(entry({ status: 201 }));
  log.count(entry());
  await log.close();
  expect(stored.map(({ status }) => status)).toEqual([200, 201, 200]);
});

it('deletes what is older than it keeps, in steps', async () => {
  const { log, expired } = setUp();
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(expired).toEqual(Array(2).fill(5_000_000_000 - 2 * 86_400_000));
  await log.close();
});

it('says nothing where the log is silent', async () => {
  const { log, lines, stored } = setUp({ level: 'silent' });
  log.add(entry());
  await log.close();
  expect(lines).toEqual([]);
  expect(stored).toHaveLength(1);
});
