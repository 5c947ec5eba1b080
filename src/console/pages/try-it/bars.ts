/** A bar between two shares of its track. */
export interface Bar {
  from: number;
  to: number;
  text: string;
}

/**
 * Scores as bars from the left. Raw scores have no zero that means anything: the best one fills its track, and the worst one of the
 * list keeps a twentieth of it.
 */
export function scoreBars(items: readonly { score: number }[]): Bar[] {
  const scores = items.map(({ score }) => score);
  const [least, most] = [Math.min(...scores), Math.max(...scores)];
  const isShare = least >= 0;
  const low = isShare ? 0 : least - (most - least) / 19;
  return items.map(({ score }) => ({
    from: 0,
    to: most > low ? (score - low) / (most - low) : 1,
    text: `score ${Number(score.toPrecision(4))}`,
  }));
}

/** Contributions as bars from the left; one that speaks against the item has none. @param most the greatest of the whole list */
export function contributionBars(because: readonly { contribution: number }[], most: number): Bar[] {
  return because.map(({ contribution }) => ({
    from: 0,
    to: Math.max(0, Math.min(1, contribution / most)),
    text: `raises the score by ${Number(contribution.toPrecision(3))}`,
  }));
}
