/** Three digits each, zeros in front. */
const THREE = Array.from({ length: 1000 }, (_, i) => String(i).padStart(3, '0'));
const LARGEST = 1e6;
const SMALLEST = 1e-3;

/**
 * A score as answers show it: the six or seven digits that a float32 carries. The rest of its double is noise that
 * would cost more time to write than the score took to compute.
 */
export function shownScore(score: number): number {
  const size = Math.abs(score);
  if (!isUsual(size)) return Number(score.toPrecision(7));
  const scale = scaleOf(size);
  return (Math.sign(score) * Math.round(size * scale)) / scale;
}

/** The score as JSON text, with the digits of `shownScore`. */
export function scoreText(score: number): string {
  const size = Math.abs(score);
  if (!isUsual(size)) return JSON.stringify(Number(score.toPrecision(7)));
  const scale = scaleOf(size);
  const units = Math.round(size * scale);
  const whole = Math.floor(units / scale);
  let rest = units - whole * scale;
  let text = `${score < 0 ? '-' : ''}${whole}.`;
  for (let place = scale / 1000; place >= 1; place /= 1000) {
    const digits = Math.floor(rest / place);
    text += THREE[digits];
    rest -= digits * place;
  }
  return text;
}

function isUsual(size: number): boolean {
  return size >= SMALLEST && size < LARGEST;
}

/** Six digits behind the point, nine for what is below 1. */
function scaleOf(size: number): number {
  return size < 1 ? 1e9 : 1e6;
}
