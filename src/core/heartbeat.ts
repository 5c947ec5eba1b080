import type { ChildProcess } from 'node:child_process';

const CHECKS_PER_SILENCE = 10;

interface Watch {
  /** How long a process may say nothing. */
  silenceMs: number;
  /**
   * Asked of a process that says nothing: whether it has worked since it was last asked, as one inside a native call. Without it
   * silence alone counts.
   */
  isAtWork?: () => boolean;
  onSilence(): void;
}

/**
 * Calls back once when a process has not said for so long that its event loop turns. The time begins now.
 * @returns ends the watch
 */
export function watchBeats(child: ChildProcess, { silenceMs, isAtWork, onSilence }: Watch): () => void {
  const everyMs = silenceMs / CHECKS_PER_SILENCE;
  let heardAt = performance.now();
  let lookedAt = performance.now();
  child.on('message', (message) => {
    if ((message as { kind?: unknown }).kind === 'beat') heardAt = performance.now();
  });
  const timer = setInterval(() => {
    const now = performance.now();
    // This process was held up itself, as on a machine that slept: the beats wait to be heard.
    const wasHeldUp = now - lookedAt > 2 * everyMs;
    lookedAt = now;
    if (isAtWork?.() || wasHeldUp) heardAt = now;
    if (now - heardAt < silenceMs) return;
    clearInterval(timer);
    onSilence();
  }, everyMs);
  return () => clearInterval(timer);
}
