/** Two numbers of -7..7 a byte, the first in the low half; each row starts a byte of its own. [rows, ceil(width / 2)] */
export function packNibbles(q: Int8Array, rows: number, width: number): Uint8Array {
  const stride = Math.ceil(width / 2);
  const packed = new Uint8Array(rows * stride);
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < width; k++) {
      packed[row * stride + (k >> 1)]! |= (q[row * width + k]! & 15) << (4 * (k & 1));
    }
  }
  return packed;
}

export function unpackNibbles(packed: Uint8Array, rows: number, width: number): Int8Array {
  const stride = Math.ceil(width / 2);
  const q = new Int8Array(rows * width);
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < width; k++) {
      const half = packed[row * stride + (k >> 1)]! >> (4 * (k & 1));
      q[row * width + k] = (half << 28) >> 28;
    }
  }
  return q;
}
