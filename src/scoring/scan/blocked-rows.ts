/** A choice of rows. A kernel remembers its own form of it as long as the object lives, so keep and never change it. */
export interface RowMask {
  /** One byte per row, 0: never in the answer. */
  allowed: Uint8Array;
}

/** The rows that the next scan leaves out. */
export interface BlockedRows {
  exclude(rows: ArrayLike<number>): void;
  /** Leaves out all that it does not allow. */
  mask(mask: RowMask): void;
  /** Frees all of them. */
  clear(): void;
}

/** The number of rows from which on clearing all marks is the quicker way. */
const TOO_MANY = 4096;

/**
 * @param blocked one byte per packed row, in the memory of the scan: 1 is left out
 * @param position row -> packed row
 */
export function createBlockedRows(blocked: Uint8Array, position: Int32Array): BlockedRows {
  /** Packed rows that are blocked for one call, to be freed one by one as long as they are few. */
  const marked = new Int32Array(TOO_MANY);
  let markedCount = 0;
  const packedMasks = new WeakMap<RowMask, Uint8Array>();

  function packMask(mask: RowMask): Uint8Array {
    const known = packedMasks.get(mask);
    if (known) return known;
    const packedMask = new Uint8Array(blocked.length).fill(1);
    for (let row = 0; row < position.length; row++) {
      packedMask[position[row]] = mask.allowed[row] === 0 ? 1 : 0;
    }
    packedMasks.set(mask, packedMask);
    return packedMask;
  }

  return {
    exclude(rows) {
      for (let i = 0; i < rows.length; i++) {
        const packedRow: number | undefined = position[rows[i]];
        if (packedRow === undefined || blocked[packedRow]) continue;
        blocked[packedRow] = 1;
        if (markedCount < TOO_MANY) marked[markedCount++] = packedRow;
      }
    },

    mask(mask) {
      const masked = packMask(mask);
      for (let row = 0; row < blocked.length; row++) blocked[row] |= masked[row];
      markedCount = TOO_MANY;
    },

    clear() {
      if (markedCount >= TOO_MANY) blocked.fill(0);
      else for (let i = 0; i < markedCount; i++) blocked[marked[i]] = 0;
      markedCount = 0;
    },
  };
}
