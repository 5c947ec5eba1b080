import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand, type GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { AppError, problem } from '../../core/errors.ts';
import type { S3Connection } from './s3-connection.ts';

/** Metadata of an object: the SHA-256 of its bytes, where it was known before they were sent. */
export const SHA256 = 'sha256';

/** Times that a whole object is read again because its bytes are not those that were written. */
const DAMAGED = 3;
const PAUSE_MS = 100;

export interface ReadOptions {
  range?: { start: number; end: number } | undefined;
  /** ETag of what the caller has: null is the answer when the object still has it. */
  unless?: string | undefined;
  /** Time in which the answer must begin. */
  patienceMs?: number | undefined;
}

export interface Opened {
  bytes: number;
  /** ETag of the object. */
  tag: string;
  /** The bytes, checked: the end throws problem('store-unavailable') where they are not those that were written. */
  body: AsyncGenerator<Buffer>;
}

/** Begins to read an object. @throws problem('not-found'), problem('store-unavailable') */
export async function openObject(
  s3: S3Connection,
  key: string,
  { range, unless, patienceMs }: ReadOptions = {},
): Promise<Opened | null> {
  const first = await s3.asking('read', key, async () => {
    try {
      return await request(s3, key, {
        ...(range && { Range: `bytes=${range.start}-${range.end}` }),
        ...(unless && { IfNoneMatch: unless }),
        patienceMs,
      });
    } catch (error) {
      const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
      if (status === 304) return null;
      // A range behind the end of a file has no bytes, as on a disk.
      if (range && status === 416) return 'nothing';
      throw error;
    }
  });
  if (first === null) return null;
  if (first === 'nothing') return { bytes: 0, tag: '', body: (async function* () {})() };
  const bytes = first.ContentLength ?? 0;
  return { bytes, tag: first.ETag ?? '', body: wholeBody(s3, key, first, range?.start ?? 0, bytes, !range) };
}

/** An object in a buffer with an ArrayBuffer of its own, with its hash; null where it still has the ETag that the caller knows. */
export async function readObject(s3: S3Connection, key: string, options: Omit<ReadOptions, 'range'> = {}) {
  for (let damaged = 1; ; damaged++) {
    const opened = await openObject(s3, key, options);
    if (!opened) return null;
    const bytes = Buffer.from(new ArrayBuffer(opened.bytes));
    const hash = createHash('sha256');
    let at = 0;
    try {
      for await (const chunk of opened.body) {
        hash.update(chunk);
        at += chunk.copy(bytes, at);
      }
      return { bytes, tag: opened.tag, sha256: hash.digest('hex') };
    } catch (error) {
      if (!isDamage(error) || damaged === DAMAGED) throw error;
      await sleep(PAUSE_MS * 2 ** damaged);
    }
  }
}

type Request = Pick<GetObjectCommand['input'], 'Range' | 'IfMatch' | 'IfNoneMatch'> & {
  patienceMs?: number | undefined;
};

async function request(s3: S3Connection, key: string, { patienceMs, ...input }: Request) {
  const command = new GetObjectCommand({ Bucket: s3.bucket, Key: s3.locate(key), ...input });
  if (patienceMs === undefined) return s3.client.send(command);
  const impatient = new AbortController();
  const timer = setTimeout(() => impatient.abort(), patienceMs);
  try {
    return await s3.client.send(command, { abortSignal: impatient.signal });
  } finally {
    // What follows may take as long as it is.
    clearTimeout(timer);
  }
}

/** Where a body breaks off or ends early, the rest is asked for by range, of the very same object. */
async function* wholeBody(
  s3: S3Connection,
  key: string,
  first: GetObjectCommandOutput,
  start: number,
  length: number,
  isWhole: boolean,
): AsyncGenerator<Buffer> {
  const expected = isWhole ? first.Metadata?.[SHA256] : undefined;
  const hash = createHash('sha256');
  let got = 0;
  let fruitless = 0;
  let answer = first;
  for (;;) {
    const before = got;
    const body = answer.Body as Readable;
    try {
      for await (const chunk of body as AsyncIterable<Buffer>) {
        got += chunk.length;
        if (got > length) break;
        if (expected) hash.update(chunk);
        yield chunk;
      }
    } catch (error) {
      // All bytes came, and the SDK found that the server's checksum is not theirs.
      if (got >= length && isChecksum(error)) throw damage(s3, key);
    } finally {
      // Readers may leave early, and a broken body may say more.
      body.on('error', () => {});
      body.destroy();
    }
    if (got > length) throw damage(s3, key);
    if (got === length) break;
    fruitless = got > before ? 0 : fruitless + 1;
    if (fruitless === s3.attempts) throw brokenOff(s3, key, got, length);
    await sleep(PAUSE_MS * 2 ** fruitless);
    answer = await s3.asking('read', key, () => again(s3, key, start + got, start + length - 1, first));
  }
  if (expected && hash.digest('hex') !== expected) throw damage(s3, key);
}

async function again(
  s3: S3Connection,
  key: string,
  from: number,
  to: number,
  { ETag }: GetObjectCommandOutput,
) {
  return request(s3, key, { Range: `bytes=${from}-${to}`, ...(ETag && { IfMatch: ETag }) });
}

const isChecksum = (error: unknown) => error instanceof Error && /checksum/i.test(error.message);
const isDamage = (error: unknown) => error instanceof AppError && error.extra.damaged === true;

function damage({ bucket }: S3Connection, key: string): AppError {
  return problem(
    'store-unavailable',
    `artifact ${key} cannot be read in bucket ${bucket}: what comes has another checksum than what was written`,
    { damaged: true },
  );
}

function brokenOff({ bucket }: S3Connection, key: string, got: number, length: number): AppError {
  return problem(
    'store-unavailable',
    `artifact ${key} cannot be read in bucket ${bucket}: it breaks off after ${got} of ${length} bytes, again and again`,
  );
}
