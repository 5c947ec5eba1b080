import type { ChildProcess } from 'node:child_process';

const CHECKS_PER_SILENCE = 10;

/**
 * Calls when a process has not said for so long that its event loop turns. Begins with its first beat.
 * @returns ends the watch
 */
export function watchBeats(child: ChildProcess, silenceMs: number, onSilence: () => void): () => void {
  const everyMs = silenceMs / CHECKS_PER_SILENCE;
  let heardAt: number | undefined;
  let lookedAt = performance.now();
  child.on('message', (message) => {
    if ((message as { kind?: unknown }).kind === 'beat') heardAt = performance.now();
  });
  const timer = setInterval(() => {
    const now = performance.now();
    // This process was held up itself, as on a machine that slept: the beats wait to be heard.
    if (now - lookedAt > 2 * everyMs) heardAt = heardAt === undefined ? undefined : now;
    lookedAt = now;
    if (heardAt === undefined || now - heardAt < silenceMs) return;
    clearInterval(timer);
    onSilence();
  }, everyMs);
  return () => clearInterval(timer);
}
