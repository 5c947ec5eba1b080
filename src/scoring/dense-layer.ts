/** x [from] times weights [from, to] plus bias [to]; sums in float64. */
export function denseLayer(
  x: Float32Array | Float64Array,
  weights: Float32Array,
  bias: Float32Array,
  out: Float64Array,
): void {
  const to = bias.length;
  out.set(bias);
  for (let k = 0; k < x.length; k++) {
    const factor = x[k]!;
    if (factor === 0) continue;
    for (let j = 0; j < to; j++) out[j]! += factor * weights[k * to + j]!;
  }
}
