import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 100;

/** The worker says so itself. */
export async function untilReadyMessage(child: ChildProcess, signal: AbortSignal): Promise<void> {
  for (;;) {
    const [message] = await once(child, 'message', { signal });
    if ((message as { kind?: unknown }).kind === 'ready') return;
  }
}

/** The api is ready when it answers. */
export async function untilAnswering(url: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const response = await fetch(url, { signal }).catch(() => null);
    // Read to its end, or the connection stays open and delays the api's close.
    await response?.arrayBuffer().catch(() => {});
    if (response?.ok) return;
    signal.throwIfAborted();
    await sleep(POLL_MS, undefined, { signal });
  }
}

/** `http://host:port`, also for IPv6 and for addresses that mean "all". */
export function urlOf(host: string, port: number): string {
  const reachable =
    { '0.0.0.0': '127.0.0.1', '::': '[::1]' }[host] ?? (host.includes(':') ? `[${host}]` : host);
  return `http://${reachable}:${port}`;
}
