/** The brake is pulled when the search has taken so many times the estimated budget. */
const SLACK = 10;

/** Ends a search by the clock, where the estimate was far too low or the machine is very busy. */
export interface Brake {
  /** Aborted with the job, or by the clock. */
  signal: AbortSignal;
  /** Says why nothing more is tried; undefined while there is time. */
  reason(): string | undefined;
  release(): void;
}

export function createBrake(budgetSeconds: number, job: AbortSignal): Brake {
  const clock = new AbortController();
  const most = SLACK * budgetSeconds;
  const timer = setTimeout(() => clock.abort(), 1000 * most);
  timer.unref();
  return {
    signal: AbortSignal.any([job, clock.signal]),
    reason: () =>
      clock.signal.aborted
        ? `ended by the clock: the search took more than ${most} s, ${SLACK} times its budget, so the same job may try more elsewhere`
        : undefined,
    release: () => clearTimeout(timer),
  };
}
