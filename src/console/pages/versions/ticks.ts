/** Round values for the marks of an axis, three to seven of them, within the ends. */
export function linearTicks(min: number, max: number): number[] {
  const span = max - min;
  if (!(span > 0)) return [min];
  const least = span / 6;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((times) => times * power).find((one) => one >= least)!;
  const ticks: number[] = [];
  for (let at = Math.ceil(min / step); at * step <= max; at++)
    ticks.push(Number((at * step).toPrecision(12)));
  return ticks;
}

/** Marks of a log axis: powers of ten, with 2 and 5 times them where those are few; of a short axis as on a linear one. */
export function logTicks(min: number, max: number): number[] {
  const all: number[] = [];
  for (let power = Math.floor(Math.log10(min)); power <= Math.ceil(Math.log10(max)); power++) {
    for (const times of [1, 2, 5]) all.push(times * 10 ** power);
  }
  const within = all.filter((tick) => tick >= min && tick <= max);
  const powers = within.filter((tick) => Number.isInteger(Math.log10(tick)));
  if (powers.length >= 4) return powers;
  return within.length >= 3 ? within : linearTicks(min, max);
}
