import { problem } from '../../core/errors.ts';

/** The window of `zstd --long=27`, the widest that the tool itself unpacks by default. */
const MOST_WINDOW_BYTES = 128 * 2 ** 20;
const MAGIC = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;

interface FrameHeader {
  bytes: number;
  /** Memory that a decoder sets aside for the frame. */
  window: number;
  hasChecksum: boolean;
}

/**
 * Follows the frames of a zstd file without unpacking them (RFC 8878, section 3.1), so that a frame that asks for too
 * much memory is refused before a decoder sets it aside: ten bytes may ask for gigabytes.
 * @returns takes the bytes as they come; what is no zstd is left to the decoder
 * @throws problem('invalid-csv') with the window that is asked for
 */
export function createFrameCheck(): (chunk: Uint8Array) => void {
  let rest: Buffer = Buffer.alloc(0);
  /** Bytes of a block, or of a skippable frame, that are still to come. */
  let skip = 0;
  let frame: FrameHeader | null = null;
  let isZstd = true;

  /** @returns the number of bytes that were understood, 0 where more have to come */
  function step(bytes: Buffer): number {
    if (frame) {
      if (bytes.length < 3) return 0;
      const header = bytes.readUIntLE(0, 3);
      const isRepeated = ((header >> 1) & 3) === 1;
      skip = isRepeated ? 1 : header >> 3;
      if ((header & 1) === 1) {
        if (frame.hasChecksum) skip += 4;
        frame = null;
      }
      return 3;
    }
    if (bytes.length < 8) return 0;
    const magic = bytes.readUInt32LE(0);
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) {
      skip = bytes.readUInt32LE(4);
      return 8;
    }
    isZstd = magic === MAGIC;
    const header = isZstd ? readHeader(bytes) : null;
    if (!header) return 0;
    if (header.window > MOST_WINDOW_BYTES) throw tooWide(header.window);
    frame = header;
    return header.bytes;
  }

  return (chunk) => {
    let bytes =
      rest.length > 0
        ? Buffer.concat([rest, chunk])
        : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    while (isZstd) {
      const skipped = Math.min(skip, bytes.length);
      skip -= skipped;
      bytes = bytes.subarray(skipped);
      const understood = skip > 0 ? 0 : step(bytes);
      if (understood === 0) break;
      bytes = bytes.subarray(understood);
    }
    // At most the longest header, and a copy: the chunk is whose it was.
    rest = Buffer.from(isZstd ? bytes : []);
  };
}

/** @returns null where the header is not there as a whole */
function readHeader(bytes: Buffer): FrameHeader | null {
  const descriptor = bytes[4]!;
  const isSingle = ((descriptor >> 5) & 1) === 1;
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag > 0 ? 1 << sizeFlag : isSingle ? 1 : 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
  const sizeAt = 5 + (isSingle ? 0 : 1) + dictionaryBytes;
  if (bytes.length < sizeAt + sizeBytes) return null;
  return {
    bytes: sizeAt + sizeBytes,
    window: isSingle ? readSize(bytes, sizeAt, sizeBytes) : windowOf(bytes[5]!),
    hasChecksum: ((descriptor >> 2) & 1) === 1,
  };
}

function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

function readSize(bytes: Buffer, at: number, length: number): number {
  if (length === 8) return Number(bytes.readBigUInt64LE(at));
  return bytes.readUIntLE(at, length) + (length === 2 ? 256 : 0);
}

function tooWide(window: number) {
  const mib = Math.ceil(window / 2 ** 20);
  return problem(
    'invalid-csv',
    `The zstd file needs a window of ${mib} MiB, and ${MOST_WINDOW_BYTES / 2 ** 20} MiB is the most; pack it without --ultra and with --long=27 at most`,
  );
}
