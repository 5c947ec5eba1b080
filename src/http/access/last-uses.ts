import type { Logger } from '../../core/logger.ts';
import type { KeyStore } from '../../store/keys/contract.ts';

const WRITE_MS = 60_000;

/** When keys were used last: kept in memory, and written once a minute, so that no request waits for it. */
export interface LastUses {
  note(keyId: string): void;
  close(): Promise<void>;
}

export function createLastUses(
  store: Pick<KeyStore, 'used'>,
  logger: Logger,
  now: () => number,
  writeMs = WRITE_MS,
): LastUses {
  let times = new Map<string, number>();

  async function write(): Promise<void> {
    const waiting = times;
    if (waiting.size === 0) return;
    times = new Map();
    // A time that is lost is written with the next use.
    await store.used(waiting).catch((error) => logger.warn({ err: error }, 'last uses of keys not written'));
  }

  const timer = setInterval(() => void write(), writeMs);
  timer.unref();
  return {
    note: (keyId) => void times.set(keyId, now()),
    async close() {
      clearInterval(timer);
      await write();
    },
  };
}
