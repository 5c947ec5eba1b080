/** A student as far as the choice between quality, size and time goes. */
export interface Point {
  /** Its figure by the metric of the headline; above is better (errors are negative). */
  merit: number;
  bytes: number;
  /** Median time of one recommendation; null where it was not measured. */
  microseconds: number | null;
}

/** Times of one machine vary by so much from run to run: a lesser difference is none. */
const TIME_NOISE = 0.1;

/**
 * True where `a` is at least as good as `b` in quality, bytes and time, and better in one of them. Times that are no more than a
 * tenth apart count as equal.
 */
export function dominates(a: Point, b: Point): boolean {
  if (a.merit < b.merit || a.bytes > b.bytes) return false;
  const [mine, other] = [a.microseconds ?? 0, b.microseconds ?? 0];
  if (mine > other * (1 + TIME_NOISE)) return false;
  return a.merit > b.merit || a.bytes < b.bytes || mine * (1 + TIME_NOISE) < other;
}

/** Returns the points that no other one dominates, the smallest first. */
export function frontOf<P extends Point>(points: readonly P[]): P[] {
  return points
    .filter((one) => !points.some((other) => dominates(other, one)))
    .toSorted((a, b) => a.bytes - b.bytes || b.merit - a.merit);
}

export type KneeMethod = 'chord' | 'smallest-within-margin' | 'one-point';

export interface Knee<P extends Point> {
  point: P;
  /** Way in which it was found. */
  method: KneeMethod;
  /** Greatest distance from the chord, of axes from 0 to 1; null where there was no chord. */
  distance: number | null;
}

/**
 * Finds the knee of quality over bytes: of the front of these two, each scaled to 0..1, the point that lies highest above the chord
 * from the smallest to the best one (Kneedle without smoothing; Satopää et al., ICDCS workshops 2011). Where the whole front lies
 * within the margin of the best, or has fewer than three points or none above the chord, there is no bend: then it is the smallest
 * within the margin.
 * @param margin share of the best one's figure
 */
export function kneeOf<P extends Point>(points: readonly P[], margin: number): Knee<P> | null {
  // Time plays no part here: it may keep a point on the front that is larger and worse than another.
  const front = frontOf(points.map((point) => ({ ...point, microseconds: null, point })));
  const [first, best] = [front[0], front.at(-1)];
  if (!first || !best) return null;
  if (first === best) return { point: best.point, method: 'one-point', distance: null };
  const least = best.merit - margin * Math.abs(best.merit);
  const small = front.find(({ merit }) => merit >= least)!;
  const scaled = (value: number, from: number, to: number) => (value - from) / (to - from);
  const above = front.map(({ point, bytes, merit }) => ({
    point,
    distance: scaled(merit, first.merit, best.merit) - scaled(bytes, first.bytes, best.bytes),
  }));
  const highest = above.reduce((top, one) => (one.distance > top.distance ? one : top));
  if (small === first || front.length < 3 || highest.distance <= 0) {
    return { point: small.point, method: 'smallest-within-margin', distance: null };
  }
  return { ...highest, method: 'chord' };
}
