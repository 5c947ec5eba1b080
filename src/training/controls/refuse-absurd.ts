import { problem } from '../../core/errors.ts';
import type { Rng } from '../../core/rng.ts';
import type { Csr } from '../../dataset/matrix.ts';
import { probeLoss, probeOf } from '../../evaluation/score-probe.ts';

/** Scores beyond this are no ranking any more: float32 tells the items of such a list apart by its rounding errors. */
const LARGEST = 1e6;
/** Nats above a guess that no scale of the scores brings the loss below. */
const MARGIN = 5;
/** A student that is taught an order alone has scores of any scale. */
const SCALES = [1, 0.1, 0.01, 0.001];

/**
 * Refuses a trained model of which nothing useful can come, so that it is never published.
 * @param scores [rows, items] row-major
 * @param learned histories that it learned from
 * @throws problem('training-diverged') for scores that are no numbers, beyond a million, or far worse than a guess
 */
export function refuseAbsurd(scores: (histories: Csr) => Float32Array, learned: Csr, rng: Rng): void {
  const probe = probeOf(learned, rng.fork('absurd'));
  if (probe.histories.rows === 0) return;
  const said = scores(probe.histories);
  const guess = Math.log(learned.columns);
  const largest = largestOf(said);
  const loss = Math.min(...SCALES.map((scale) => probeLoss(said, probe, scale)));
  if (largest <= LARGEST && loss <= guess + MARGIN) return;
  const found = Number.isFinite(largest)
    ? `its scores reach ${largest.toPrecision(3)} and its loss on known items is ${loss.toPrecision(3)} nats, where a guess has ${guess.toPrecision(3)}`
    : NOT_FINITE;
  throw refusal(
    found,
    'Lower distillation.learningRate or student.dimensions, or set distillation.transfer to none',
  );
}

/**
 * Refuses a trained model whose answers are no numbers or beyond all measure, so that it is never published.
 * @param largest magnitude up to which an answer may be true
 * @throws problem('training-diverged')
 */
export function refuseBeyond(answers: Float32Array, largest = LARGEST): void {
  const found = largestOf(answers);
  if (found <= largest) return;
  throw refusal(
    Number.isFinite(found)
      ? `its answers reach ${found.toPrecision(3)}, where at most ${largest.toPrecision(3)} can be true`
      : NOT_FINITE,
    'Lower distillation.learningRate',
  );
}

const NOT_FINITE = 'its scores are not finite numbers';

function refusal(found: string, instead: string) {
  return problem(
    'training-diverged',
    `The trained student is of no use and is not published: ${found}. ${instead}`,
  );
}

/** The greatest magnitude; infinite where there is a NaN. */
function largestOf(values: Float32Array): number {
  let largest = 0;
  for (const value of values) {
    if (!Number.isFinite(value)) return Number.POSITIVE_INFINITY;
    largest = Math.max(largest, Math.abs(value));
  }
  return largest;
}
