/** How workers find out about each other. All of it follows from one figure, so that the parts always fit together. */
export interface WorkerClocks {
  /** A run whose lock is not renewed for so long has lost its worker. */
  lockMs: number;
  /** How often a run renews its lock and asks whether it may go on. */
  pollMs: number;
  /** How long a run waits that has taken a job over: longer than the one before it takes to find out. */
  takeoverMs: number;
  /** How often the queue looks for jobs whose worker is gone. */
  stalledCheckMs: number;
  /** When to look again for a job that somebody else is running. */
  busyPauseMs: number;
  reconcileEveryMs: number;
  /** When to look again for a job that others hold up. Whoever ends a job wakes those that wait; this is for when nobody could. */
  heldUpPauseMs: number;
}

const LOST_AFTER_MS = 10_000;

export function workerClocks(lostAfterMs = LOST_AFTER_MS): WorkerClocks {
  // However long that is: while Redis is away this is how a cancel arrives.
  const pollMs = Math.min(1000, 0.1 * lostAfterMs);
  return {
    lockMs: lostAfterMs,
    pollMs,
    takeoverMs: 3 * pollMs,
    stalledCheckMs: 0.5 * lostAfterMs,
    busyPauseMs: 0.5 * lostAfterMs,
    reconcileEveryMs: 1.5 * lostAfterMs,
    heldUpPauseMs: 1.5 * lostAfterMs,
  };
}
