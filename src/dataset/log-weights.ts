/**
 * Logarithms of the items' weights in training, [items], so that their softmax is the popularity itself. An item that nobody has
 * counts as half an interaction, or as half the least weight of any item where that is below 1, so that it stays behind all others
 * whatever interactions weigh.
 */
export function logWeights(weights: Float32Array): Float32Array {
  const least = weights.reduce((min, weight) => (weight > 0 ? Math.min(min, weight) : min), 1);
  return weights.map((weight) => Math.log(weight > 0 ? weight : least / 2));
}
