/** The largest magnitude of a code. The smallest int16 is left out: two products of it would overflow dot_i16x8_s. */
const LARGEST = 32_767;
const SMALLEST_STEP = 2 ** -149;

/**
 * Rounds a vector to int16 with one power of two as its step: value[k] ~ step * code[k], within half a step. A sum of
 * int8 times these codes is exact in int32 to 512 dimensions (512 * 128 * 32,767 < 2^31).
 * @param user Float32 [d]
 * @param codes Int16, at least d; what is beyond d stays as it is
 * @returns the step; NaN, with zeros as codes, when the vector holds a NaN or an infinity
 */
export function encodeUser(user: ArrayLike<number>, codes: Int16Array): number {
  let largest = 0;
  let sum = 0;
  for (let k = 0; k < user.length; k++) {
    const magnitude = Math.abs(user[k]);
    if (magnitude > largest) largest = magnitude;
    // Infinity - Infinity and anything with NaN is NaN; comparisons alone would overlook them.
    sum += user[k] - user[k];
  }
  if (sum !== 0) {
    codes.fill(0, 0, user.length);
    return Number.NaN;
  }
  const step = stepFor(largest);
  const perStep = 1 / step;
  for (let k = 0; k < user.length; k++) {
    // 1 / 2^-149 is finite in float64, and a multiplication by a power of two rounds nothing.
    codes[k] = Math.round(user[k] * perStep);
  }
  return step;
}

/** The smallest power of two that brings `largest` into the range of codes, but none below what a float32 can hold. */
function stepFor(largest: number): number {
  if (largest === 0) return 1;
  let step = 2 ** Math.ceil(Math.log2(largest / LARGEST));
  // log2 may be off by a rounding.
  while (largest / step > LARGEST) step *= 2;
  while (step > SMALLEST_STEP && largest / (step / 2) <= LARGEST) step /= 2;
  return Math.max(step, SMALLEST_STEP);
}
