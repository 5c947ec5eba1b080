import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { fingerprint } from './fingerprint.ts';
import type { S3Connection } from './s3-connection.ts';
import { explain } from './s3-errors.ts';
import { SHA256 } from './s3-read.ts';

/** S3 takes parts from 5 MiB on, and 10,000 of them: a blob may have 78 GiB. */
const PART_BYTES = 8 * 2 ** 20;
/** Parts of one upload that are in memory at once. */
const PARTS_AT_ONCE = 2;

interface Written {
  bytes: number;
  sha256: string;
}

/** Writes bytes that are all there, with their SHA-256 beside them. The store replaces an object at once or not at all. */
export async function putBytes(s3: S3Connection, key: string, bytes: Uint8Array): Promise<Written> {
  const written = fingerprint(bytes);
  const input = {
    Bucket: s3.bucket,
    Key: s3.locate(key),
    Body: bytes,
    Metadata: { [SHA256]: written.sha256 },
  };
  await s3.asking('written', key, async () => {
    if (bytes.length <= PART_BYTES) await s3.client.send(new PutObjectCommand(input));
    else await uploadOf(s3, input).done();
  });
  return written;
}

/**
 * Writes a stream in parts, with a few of them in memory. The object appears when the last part is there; when the source or the
 * store fails, the parts are thrown away.
 * @throws what the source throws, or problem('store-unavailable')
 */
export async function putStream(s3: S3Connection, key: string, source: Readable): Promise<Written> {
  const read = measured(source);
  const chunks = read.chunks();
  const head: Buffer[] = [];
  let headBytes = 0;
  while (headBytes <= PART_BYTES) {
    const { value, done } = await chunks.next();
    if (done) return putBytes(s3, key, Buffer.concat(head));
    head.push(value);
    headBytes += value.length;
  }
  async function* all() {
    yield* head.splice(0);
    yield* chunks;
  }
  const Body = Readable.from(all(), { objectMode: false });
  try {
    await uploadOf(s3, { Bucket: s3.bucket, Key: s3.locate(key), Body }).done();
  } catch (error) {
    // Any other failure may be what became of the source when the store failed.
    throw error === read.failure() ? error : explain('written', key, s3.bucket, error);
  } finally {
    source.destroy();
  }
  return read.written();
}

function uploadOf(
  { client }: S3Connection,
  params: ConstructorParameters<typeof Upload>[0]['params'],
): Upload {
  return new Upload({ client, params, partSize: PART_BYTES, queueSize: PARTS_AT_ONCE });
}

/** Counts and hashes a stream on its way, and remembers how it failed. */
function measured(source: Readable) {
  const hash = createHash('sha256');
  let bytes = 0;
  let failure: unknown;
  return {
    async *chunks(): AsyncGenerator<Buffer, undefined> {
      try {
        for await (const part of source) {
          const chunk = typeof part === 'string' ? Buffer.from(part) : (part as Buffer);
          hash.update(chunk);
          bytes += chunk.length;
          yield chunk;
        }
      } catch (error) {
        failure = error;
        throw error;
      }
      return undefined;
    },
    written: (): Written => ({ bytes, sha256: hash.digest('hex') }),
    failure: () => failure,
  };
}
