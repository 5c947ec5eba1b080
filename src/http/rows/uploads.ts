import { Readable } from 'node:stream';
import { AppError, problem } from '../../core/errors.ts';
import type { Blobs } from '../deps.ts';
import type { Limits } from '../limits.ts';

const MIB = 2 ** 20;
const FOLDER = 'imports';

/** Stores an uploaded file. @throws problem('payload-too-large' | 'storage-full' | 'invalid-request') */
export type Upload = (file: string, body: Readable | undefined) => Promise<{ bytes: number; sha256: string }>;

/** Uploads that are bounded one by one and all together; what is over either is refused while it comes. */
export function createUploads(
  artifacts: Pick<Blobs, 'put' | 'list' | 'remove'>,
  { uploadBytes, uploadsBytes }: Pick<Limits, 'uploadBytes' | 'uploadsBytes'>,
): Upload {
  /** Bytes of uploads that are not stored yet. */
  let coming = 0;

  async function stored(): Promise<number> {
    if (uploadsBytes === 0) return 0;
    const files = await artifacts.list(FOLDER);
    return files.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  async function* bounded(
    body: Readable,
    waiting: number,
    own: { bytes: number },
  ): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      const { length } = chunk as Buffer;
      own.bytes += length;
      coming += length;
      if (uploadBytes > 0 && own.bytes > uploadBytes)
        throw problem(
          'payload-too-large',
          `A file may have at most ${uploadBytes / MIB} MiB (MAX_UPLOAD_MIB); send it in parts, or packed.`,
        );
      if (uploadsBytes > 0 && waiting + coming > uploadsBytes)
        throw problem(
          'storage-full',
          `Uploads that wait for their imports may have ${uploadsBytes / MIB} MiB together (MAX_UPLOADS_MIB); try again when some are imported.`,
        );
      yield chunk as Buffer;
    }
  }

  return async (file, body) => {
    const empty = problem(
      'invalid-request',
      'The body is empty; send the file as the body (with curl: --data-binary @file.csv, or -F file=@file.csv).',
    );
    if (!body) throw empty;
    const own = { bytes: 0 };
    try {
      const written = await artifacts.put(file, Readable.from(bounded(body, await stored(), own)));
      if (written.bytes > 0) return written;
    } catch (error) {
      // Whose fault it is only the body tells: one that failed by itself was broken off by its sender.
      if (error instanceof AppError || !body.errored || body.errored !== error) throw error;
      throw brokenOff(error);
    } finally {
      coming -= own.bytes;
    }
    await artifacts.remove(file);
    throw empty;
  };
}

function brokenOff(error: unknown) {
  return problem('invalid-request', 'The upload broke off before its end.', {}, error);
}
