/**
 * Eigenvalues (descending) and eigenvectors (columns) of a symmetric a [n,n], row-major, which is left as it was: Householder's
 * tridiagonal form, and implicit QL steps on it (Bowdler, Martin, Reinsch & Wilkinson, Numerische Mathematik 1968). About 7 n^3
 * multiplications.
 */
export function symmetricEigen(a: Float64Array, n: number): { values: Float64Array; vectors: Float64Array } {
  // The rows of z become the eigenvectors, so that all loops run along rows.
  const z = a.slice();
  const diagonal = new Float64Array(n);
  const beside = new Float64Array(n);
  tridiagonalise(z, diagonal, beside, n);
  implicitQl(z, diagonal, beside, n);
  const order = Array.from({ length: n }, (_, i) => i).sort((x, y) => diagonal[y]! - diagonal[x]!);
  const vectors = new Float64Array(n * n);
  order.forEach((from, to) => {
    for (let r = 0; r < n; r++) vectors[r * n + to] = z[from * n + r]!;
  });
  return { values: Float64Array.from(order, (i) => diagonal[i]!), vectors };
}

/** Leaves Q' in z, the tridiagonal form's diagonal, and beside[i] next to diagonal[i - 1] and diagonal[i]. */
function tridiagonalise(z: Float64Array, diagonal: Float64Array, beside: Float64Array, n: number): void {
  // Reflector i clears row i left of i - 1; it is kept in that row, and half of its squared length in `diagonal`.
  for (let i = n - 1; i > 0; i--) {
    const row = z.subarray(i * n, i * n + i);
    const h = reflectorOf(row, i, beside);
    diagonal[i] = h;
    if (h === 0) continue;
    const image = beside.subarray(0, i);
    image.fill(0);
    let along = 0;
    for (let j = 0; j < i; j++) {
      let sum = 0;
      const f = row[j]!;
      const other = z.subarray(j * n, j * n + j + 1);
      for (let k = 0; k < j; k++) {
        sum += other[k]! * row[k]!;
        image[k]! += other[k]! * f;
      }
      image[j]! += sum + other[j]! * f;
    }
    for (let j = 0; j < i; j++) {
      image[j]! /= h;
      along += image[j]! * row[j]!;
    }
    const half = along / (2 * h);
    for (let j = 0; j < i; j++) image[j]! -= half * row[j]!;
    for (let j = 0; j < i; j++) {
      const f = row[j]!;
      const g = image[j]!;
      const other = z.subarray(j * n, j * n + j + 1);
      for (let k = 0; k <= j; k++) other[k]! -= f * image[k]! + g * row[k]!;
    }
  }
  collect(z, diagonal, beside, n);
}

/** Turns the row into its reflector and returns half of its squared length; what it leaves beside the diagonal goes there. */
function reflectorOf(row: Float64Array, length: number, beside: Float64Array): number {
  let h = 0;
  for (let k = 0; k < length; k++) h += row[k]! * row[k]!;
  const last = row[length - 1]!;
  const rest = h - last * last;
  if (length === 1 || rest <= 0) {
    beside[length] = last;
    return 0;
  }
  const g = last > 0 ? -Math.sqrt(h) : Math.sqrt(h);
  beside[length] = g;
  row[length - 1] = last - g;
  return h - last * g;
}

/** Multiplies the reflectors, from the smallest, to Q, and writes Q' over them. */
function collect(z: Float64Array, diagonal: Float64Array, beside: Float64Array, n: number): void {
  const q = new Float64Array(n * n);
  for (let i = 0; i < n; i++) q[i * n + i] = 1;
  const product = new Float64Array(n);
  for (let i = 1; i < n; i++) {
    const h = diagonal[i]!;
    if (h === 0) continue;
    const u = z.subarray(i * n, i * n + i);
    // From the left; as yet only rows and columns before i differ from those of the identity.
    product.fill(0, 0, i);
    for (let k = 0; k < i; k++) {
      const f = u[k]!;
      for (let j = 0; j < i; j++) product[j]! += f * q[k * n + j]!;
    }
    for (let k = 0; k < i; k++) {
      const f = u[k]! / h;
      for (let j = 0; j < i; j++) q[k * n + j]! -= f * product[j]!;
    }
  }
  for (let i = 0; i < n; i++) diagonal[i] = z[i * n + i]!;
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) z[i * n + j] = q[j * n + i]!;
  beside[0] = 0;
}

/** Steps for one eigenvalue; a few are enough, and numbers that are not finite would take any number. */
const MOST_STEPS = 60;

function implicitQl(z: Float64Array, d: Float64Array, e: Float64Array, n: number): void {
  for (let i = 1; i < n; i++) e[i - 1] = e[i]!;
  if (n > 0) e[n - 1] = 0;
  // Neighbours that are both zero, of a matrix that lacks rank, have no scale of their own.
  const least = Number.EPSILON ** 2 * d.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (let l = 0; l < n; l++) {
    for (let step = 0; step < MOST_STEPS; step++) {
      let m = l;
      for (; m < n - 1; m++) {
        const scale = Math.abs(d[m]!) + Math.abs(d[m + 1]!);
        if (Math.abs(e[m]!) <= Number.EPSILON * scale + least) break;
      }
      if (m === l) break;
      qlStep(z, d, e, n, l, m);
    }
  }
}

/** One implicit step on the part l..m, whose rotations are applied to the rows of z. */
function qlStep(z: Float64Array, d: Float64Array, e: Float64Array, n: number, l: number, m: number): void {
  let g = (d[l + 1]! - d[l]!) / (2 * e[l]!);
  let r = Math.hypot(g, 1);
  g = d[m]! - d[l]! + e[l]! / (g + (g >= 0 ? r : -r));
  let s = 1;
  let c = 1;
  let p = 0;
  for (let i = m - 1; i >= l; i--) {
    const f = s * e[i]!;
    const b = c * e[i]!;
    r = Math.hypot(f, g);
    e[i + 1] = r;
    if (r === 0) {
      d[i + 1]! -= p;
      e[m] = 0;
      return;
    }
    s = f / r;
    c = g / r;
    g = d[i + 1]! - p;
    r = (d[i]! - g) * s + 2 * c * b;
    p = s * r;
    d[i + 1] = g + p;
    g = c * r - b;
    const upper = z.subarray(i * n, (i + 1) * n);
    const lower = z.subarray((i + 1) * n, (i + 2) * n);
    for (let k = 0; k < n; k++) {
      const x = lower[k]!;
      const y = upper[k]!;
      lower[k] = s * y + c * x;
      upper[k] = c * y - s * x;
    }
  }
  d[l]! -= p;
  e[l] = g;
  e[m] = 0;
}
