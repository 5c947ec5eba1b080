import { pipeline, type Readable, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Decompress } from 'fzstd';
import { type AppError, messageOf, problem } from '../../core/errors.ts';
import type { ImportFormat } from '../../domain/data/import-kind.ts';
import { createFrameCheck } from './zstd-frames.ts';

const CHUNK_BYTES = 65_536;
const GZIP = [0x1f, 0x8b];
/** First bytes that `decompress` has to see. */
export const MAGIC_BYTES = 4;
const ZSTD = [0x28, 0xb5, 0x2f, 0xfd];
/** Tables pack to a tenth, the dullest to a hundredth; what unpacks to far more is made to fill a disk. */
const MAX_EXPANSION = 500;
const ALWAYS_ALLOWED_BYTES = 64 * 1024 * 1024;

/** Says when too much has come out of too little. */
export interface ExpansionGuard {
  /** @throws problem('invalid-csv') or problem('invalid-rows') */
  count(unpackedBytes: number): void;
}

/** @param packed bytes that were read so far */
export function expansionGuard(packed: () => number, format: ImportFormat | undefined): ExpansionGuard {
  let unpacked = 0;
  return {
    count(bytes) {
      unpacked += bytes;
      if (unpacked <= ALWAYS_ALLOWED_BYTES || unpacked <= packed() * MAX_EXPANSION) return;
      const detail = `The file unpacks to more than ${MAX_EXPANSION} times its size; send it uncompressed`;
      throw problem(codeOf(format), detail);
    },
  };
}

const codeOf = (format: ImportFormat | undefined) => (format === 'ndjson' ? 'invalid-rows' : 'invalid-csv');

/** @param file its name, when that says how it is packed, and the format, whose problem code is used */
export async function* decompress(
  first: Buffer,
  stream: Readable,
  { name, format }: { name: string; format: ImportFormat | undefined },
): AsyncGenerator<Uint8Array> {
  const begins = (magic: number[]) => magic.every((byte, i) => first[i] === byte);
  const gzip = /\.t?gz$/.test(name) || begins(GZIP);
  const zstd = !gzip && (name.endsWith('.zst') || begins(ZSTD));
  const bad = (detail: string, cause?: unknown) => problem(codeOf(format), detail, {}, cause);
  if (!gzip && !zstd) return yield* stream;

  let packed = 0;
  stream.on('data', (chunk: Buffer) => {
    packed += chunk.length;
  });
  const { count } = expansionGuard(() => packed, format);
  const decoder = gzip ? createGunzip({ chunkSize: CHUNK_BYTES }) : createUnzstd(count);
  try {
    // The callback is there because pipeline throws without one; errors also reach whoever reads the last stream.
    for await (const chunk of pipeline(stream, decoder, () => {})) {
      if (gzip) count(chunk.length);
      yield chunk;
    }
  } catch (error) {
    throw explained(error, gzip ? 'gzip' : 'zstd', bad);
  }
}

function explained(
  error: unknown,
  kind: string,
  bad: (detail: string, cause?: unknown) => AppError,
): unknown {
  const { code = '' } = error as { code?: string | number };
  const isTruncated = code === 'Z_BUF_ERROR' || /unexpected EOF/i.test(messageOf(error));
  const isBroken = String(code).startsWith('Z_') || (kind === 'zstd' && typeof code === 'number');
  if (isTruncated) return bad(`The ${kind} file ends in the middle; send it again`, error);
  if (!isBroken) return error;
  return bad(
    `The file is not proper ${kind} (${messageOf(error)}); send it again, or uncompressed and without Content-Encoding`,
    error,
  );
}

/**
 * In JavaScript, because Node has zstd only from 22.15 on.
 * @param count gets the size of each block before the next one is unpacked: a chunk of 64 KiB may hold two gigabytes
 */
function createUnzstd(count: (bytes: number) => void): Transform {
  const transform: Transform = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      push(chunk, false, done);
    },
    flush(done) {
      push(new Uint8Array(0), true, done);
    },
  });
  const decoder = new Decompress((chunk) => {
    count(chunk.length);
    transform.push(Buffer.from(chunk));
  });
  const checkFrames = createFrameCheck();
  function push(chunk: Uint8Array, final: boolean, done: (error?: Error | null) => void): void {
    try {
      checkFrames(chunk);
      decoder.push(chunk, final);
      done();
    } catch (error) {
      done(error as Error);
    }
  }
  return transform;
}
