// Arithmetic on rows of f32 that several kernels share, in AssemblyScript. Every sum has a fixed order.

const FOUR: usize = 16;

/** @param bytes of both rows, a multiple of 32 */
export function dot(a: usize, b: usize, bytes: usize): f32 {
  let even = f32x4.splat(0);
  let odd = f32x4.splat(0);
  for (let k: usize = 0; k < bytes; k += 32) {
    even = f32x4.add(even, f32x4.mul(v128.load(a + k), v128.load(b + k)));
    odd = f32x4.add(odd, f32x4.mul(v128.load(a + k, 16), v128.load(b + k, 16)));
  }
  return sumOf(f32x4.add(even, odd));
}

export function sumOf(sum: v128): f32 {
  return (
    f32x4.extract_lane(sum, 0) +
    f32x4.extract_lane(sum, 1) +
    (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3))
  );
}

export function addScaled(to: usize, vector: usize, factor: f32, bytes: usize): void {
  const factors = f32x4.splat(factor);
  for (let k: usize = 0; k < bytes; k += FOUR) {
    v128.store(to + k, f32x4.add(v128.load(to + k), f32x4.mul(factors, v128.load(vector + k))));
  }
}

/** Adds the sum over rows of four numbers at `a` times eight numbers at `b` to four rows of the square, whose rows are `bytes` long. */
export function addTile(a: usize, b: usize, end: usize, out: usize, bytes: usize): void {
  const second = out + bytes;
  const third = second + bytes;
  const fourth = third + bytes;
  let s0 = v128.load(out);
  let s1 = v128.load(out, 16);
  let t0 = v128.load(second);
  let t1 = v128.load(second, 16);
  let u0 = v128.load(third);
  let u1 = v128.load(third, 16);
  let w0 = v128.load(fourth);
  let w1 = v128.load(fourth, 16);
  while (a < end) {
    const left = v128.load(b);
    const right = v128.load(b, 16);
    const x = v128.load32_splat(a);
    s0 = f32x4.add(s0, f32x4.mul(x, left));
    s1 = f32x4.add(s1, f32x4.mul(x, right));
    const y = v128.load32_splat(a, 4);
    t0 = f32x4.add(t0, f32x4.mul(y, left));
    t1 = f32x4.add(t1, f32x4.mul(y, right));
    const z = v128.load32_splat(a, 8);
    u0 = f32x4.add(u0, f32x4.mul(z, left));
    u1 = f32x4.add(u1, f32x4.mul(z, right));
    const w = v128.load32_splat(a, 12);
    w0 = f32x4.add(w0, f32x4.mul(w, left));
    w1 = f32x4.add(w1, f32x4.mul(w, right));
    a += bytes;
    b += bytes;
  }
  v128.store(out, s0);
  v128.store(out, s1, 16);
  v128.store(second, t0);
  v128.store(second, t1, 16);
  v128.store(third, u0);
  v128.store(third, u1, 16);
  v128.store(fourth, w0);
  v128.store(fourth, w1, 16);
}
