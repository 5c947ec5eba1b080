/** Half precision (IEEE 754 binary16) as raw bits, which JavaScript of this age has no array for. */

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);
/** The greatest finite one. */
const LARGEST = 65_504;

/** Rounded to the nearest, ties to even; beyond the greatest it becomes that. */
export function toHalf(value: number): number {
  float[0] = Math.max(-LARGEST, Math.min(LARGEST, value));
  const whole = bits[0]!;
  const sign = (whole >>> 16) & 0x8000;
  const exponent = ((whole >>> 23) & 0xff) - 112;
  if (exponent <= 0) {
    // Below the normal range the steps are all 2^-24.
    const steps = Math.abs(float[0]!) * 2 ** 24;
    const below = Math.floor(steps);
    const rest = steps - below;
    return sign | (below + Number(rest > 0.5 || (rest === 0.5 && below % 2 === 1)));
  }
  const kept = (exponent << 10) | ((whole >>> 13) & 0x3ff);
  const rest = whole & 0x1fff;
  return sign | (kept + Number(rest > 0x1000 || (rest === 0x1000 && kept % 2 === 1)));
}

export function fromHalf(half: number): number {
  return values[half]!;
}

/** All 65,536 of them: a power for each number would take ten times as long. */
const values = Float32Array.from({ length: 1 << 16 }, (_, half) => numberOf(half));

function numberOf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
