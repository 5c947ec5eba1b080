/** The time left as a job told it. */
export interface Told {
  /** When, in seconds. */
  at: number;
  /** Share of the job that was done, as it said. */
  fraction: number;
  etaSeconds: number;
}

export interface EtaErrors {
  /** How often the time left was told in the last four fifths of the job. */
  told: number;
  /** Share of these that were within half of the time that was really left. */
  withinHalf: number;
  /** The greatest error as a share of the time that was really left, and the share of the job's time at which it was made. */
  worst: { error: number; at: number };
}

/** Part of a job's time that is too early to judge. */
const EARLY = 0.2;
/** Less time left than this counts as this much: nobody minds being wrong by a second. */
const LEAST_LEFT = 2;

/**
 * How wrong a job was about the time left.
 * @param begun when it began, in the seconds of `told` @param end when it was over
 */
export function etaErrors(told: readonly Told[], begun: number, end: number): EtaErrors {
  const judged = told.filter(({ at }) => at >= begun + EARLY * (end - begun));
  let [within, worst] = [0, { error: 0, at: 0 }];
  for (const { at, etaSeconds } of judged) {
    const left = Math.max(LEAST_LEFT, end - at);
    const error = Math.abs(etaSeconds - left) / left;
    if (error <= 0.5) within++;
    if (error > worst.error) worst = { error, at: (at - begun) / (end - begun) };
  }
  return { told: judged.length, withinHalf: judged.length === 0 ? 1 : within / judged.length, worst };
}
