/** The engine's formulas written out in plain numbers, one user at a time: what every backend must agree with. */

export type Matrix = number[][];

export const matMul = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => b[0]!.map((_, j) => row.reduce((sum, value, k) => sum + value * b[k]![j]!, 0)));

export const transpose = (a: Matrix): Matrix => a[0]!.map((_, j) => a.map((row) => row[j]!));

export const softmax = (row: number[], temperature = 1): number[] => {
  const top = Math.max(...row);
  const exps = row.map((value) => Math.exp((value - top) / temperature));
  const sum = exps.reduce((a, b) => a + b, 0);
  return exps.map((value) => value / sum);
};

const total = (values: number[]): number => values.reduce((a, b) => a + b, 0);

export const crossEntropy = (logits: Matrix, labels: Matrix, weights?: ArrayLike<number>): number =>
  total(
    logits.map((row, i) => {
      const p = softmax(row);
      return (weights?.[i] ?? 1) * -total(labels[i]!.map((y, j) => (y === 0 ? 0 : y * Math.log(p[j]!))));
    }),
  ) / logits.length;

export const kl = (logits: Matrix, teacher: Matrix, temperature: number, weights?: Matrix): number =>
  (temperature ** 2 *
    total(
      logits.map((row, i) => {
        const q = softmax(row, temperature);
        const p = softmax(teacher[i]!, temperature);
        return total(p.map((value, j) => (weights?.[i]?.[j] ?? 1) * value * Math.log(value / q[j]!)));
      }),
    )) /
  logits.length;

export const sigmoidCrossEntropy = (logits: Matrix, labels: Matrix): number =>
  total(
    logits.flatMap((row, i) =>
      row.map((z, j) => Math.max(z, 0) - z * labels[i]![j]! + Math.log1p(Math.exp(-Math.abs(z)))),
    ),
  ) / logits.length;

export interface ReferenceState {
  w: number[];
  m: number[];
  v: number[];
  step: number;
}

interface Rule {
  kind: string;
  learningRate: number;
  weightDecay?: number;
  momentum?: number;
}

/** One optimizer step on the elements in `which` (all by default), in place. */
export function optimizerStep(state: ReferenceState, gradient: number[], rule: Rule, which?: number[]): void {
  const { kind, learningRate: rate, weightDecay: decay = 0, momentum = 0 } = rule;
  const { w, m, v } = state;
  const t = ++state.step;
  for (const i of which ?? w.keys()) {
    let g = gradient[i]!;
    if (kind === 'adamw') w[i]! -= rate * decay * w[i]!;
    else g += decay * w[i]!;
    if (kind === 'sgd') {
      m[i] = momentum * m[i]! + g;
      w[i]! -= rate * m[i]!;
    } else if (kind === 'adagrad') {
      v[i]! += g * g;
      w[i]! -= (rate * g) / (Math.sqrt(v[i]!) + 1e-10);
    } else {
      m[i] = 0.9 * m[i]! + 0.1 * g;
      v[i] = 0.999 * v[i]! + 0.001 * g * g;
      const corrected = (rate * Math.sqrt(1 - 0.999 ** t)) / (1 - 0.9 ** t);
      w[i]! -= (corrected * m[i]!) / (Math.sqrt(v[i]!) + 1e-8);
    }
  }
}

/** (diag(gram + n perPair) + sum_i x_i y_i y_i') u = sum_i x_i y_i for each row of x, by elimination. */
export const ridgeRows = (x: Matrix, y: Matrix, gram: number[], perPair: number): Matrix =>
  x.map((row) => {
    const n = row.filter((value) => value !== 0).length;
    const d = gram.length;
    const system = gram.map((own, k) => [
      ...gram.map((_, l) =>
        row.reduce((sum, value, i) => sum + value * y[i]![k]! * y[i]![l]!, k === l ? own + n * perPair : 0),
      ),
      row.reduce((sum, value, i) => sum + value * y[i]![k]!, 0),
    ]);
    for (let k = 0; k < d; k++) {
      const pivot = system[k]![k]!;
      system[k] = system[k]!.map((value) => value / pivot);
      for (let other = 0; other < d; other++) {
        if (other === k) continue;
        const factor = system[other]![k]!;
        system[other] = system[other]!.map((value, at) => value - factor * system[k]![at]!);
      }
    }
    return system.map((equation) => equation[d]!);
  });
