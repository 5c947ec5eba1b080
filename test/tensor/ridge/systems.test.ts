import { describe, expect, it } from 'vitest';
import { createRng } from '../../../src/core/rng.ts';
import { choleskyInPlace, solveTriangular } from '../../../src/tensor/linalg/linalg-reference.ts';
import { createSystems, type SystemsData } from '../../../src/tensor/ridge/systems.ts';

/** Rows of 0, 1, 70 and 3 pairs: none, few, and more than are gathered at once. */
function drawn(d: number, seed = 1): SystemsData {
  const rng = createRng(seed);
  const columns = 100;
  const lengths = [0, 1, 70, 3];
  const indptr = Int32Array.of(0, 0, 1, 71, 74);
  const indices = Int32Array.from(lengths.flatMap((n) => drawColumns(n)));
  function drawColumns(n: number) {
    const all = rng.shuffle(Int32Array.from({ length: columns }, (_, i) => i));
    return [...all.slice(0, n)].sort((a, b) => a - b);
  }
  return {
    x: { indptr, indices, values: Float32Array.from(indices, () => 0.5 + rng.next()), columns },
    factors: Float32Array.from({ length: columns * d }, () => rng.normal()),
    diagonals: Float32Array.from({ length: lengths.length * d }, () => 0.5 + rng.next()),
    d,
  };
}

/** In float64; `right` in place of the row's own right side. */
function expected({ x, factors, diagonals, d }: SystemsData, row: number, right?: number[]): number[] {
  const a = new Float64Array(d * d);
  const b = Float64Array.from(right ?? new Array(d).fill(0));
  for (let k = 0; k < d; k++) a[k * d + k] = diagonals[row * d + k]!;
  for (let p = x.indptr[row]!; p < x.indptr[row + 1]!; p++) {
    const y = factors.subarray(x.indices[p]! * d, (x.indices[p]! + 1) * d);
    for (let i = 0; i < d; i++) {
      if (!right) b[i]! += x.values[p]! * y[i]!;
      for (let j = 0; j < d; j++) a[i * d + j]! += x.values[p]! * y[i]! * y[j]!;
    }
  }
  const lower = choleskyInPlace(a, d);
  solveTriangular(lower, b, d, 1, false);
  solveTriangular(lower, b, d, 1, true);
  return [...b];
}

function expectRows(found: Float32Array, d: number, of: (row: number) => number[]): void {
  for (let row = 0; row * d < found.length; row++) {
    const wanted = of(row);
    for (let k = 0; k < d; k++) expect(found[row * d + k]).toBeCloseTo(wanted[k]!, 4);
  }
}

describe.each([1, 5, 8, 19, 64])('systems of %i dimensions', (d) => {
  it('are solved as Cholesky in float64 solves them', () => {
    const data = drawn(d);
    expectRows(createSystems(data).own(), d, (row) => expected(data, row));
  });

  it('are solved for other right sides, also when another took the memory in between', () => {
    const data = drawn(d);
    const systems = createSystems(data);
    systems.own();
    createSystems(drawn(3, 2)).own();
    const right = Float32Array.from({ length: 4 * d }, (_, at) => Math.cos(at));
    expectRows(systems.solve(right), d, (row) =>
      expected(data, row, [...right.subarray(row * d, (row + 1) * d)]),
    );
  });
});

it("a pair's product is that of its factor with the vector of its row", () => {
  const data = drawn(5);
  const systems = createSystems(data);
  const vectors = Float32Array.from({ length: 4 * 5 }, (_, at) => at % 3);
  const found = systems.products(vectors);
  const last = data.factors.subarray(data.x.indices[73]! * 5, data.x.indices[73]! * 5 + 5);
  expect(found).toHaveLength(74);
  expect(found[73]).toBeCloseTo(
    last.reduce((sum, y, k) => sum + y * vectors[15 + k]!, 0),
    4,
  );
});

it('a matrix that is not positive definite is named by its row', () => {
  const data = drawn(4);
  data.diagonals[4] = -100;
  expect(() => createSystems(data).own()).toThrow('the matrix of row 1 is not positive definite');
});
