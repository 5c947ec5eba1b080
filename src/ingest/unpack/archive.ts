import { Readable } from 'node:stream';
import { AppError, messageOf, problem } from '../../core/errors.ts';

/** A file of an archive, or the one that is there. */
export interface NamedBytes {
  name: string;
  bytes: AsyncIterable<Uint8Array>;
}

export type ArchiveKind = 'zip' | 'tar';

/** @param first at least 262 bytes, where there are so many */
export function archiveKind(first: Buffer): ArchiveKind | null {
  if (first.subarray(0, 4).equals(Buffer.from('PK\u0003\u0004'))) return 'zip';
  return first.toString('latin1', 257, 262) === 'ustar' ? 'tar' : null;
}

const UNREAD: [name: string, magic: number[], command: string][] = [
  ['bzip2', [0x42, 0x5a, 0x68], 'bzip2 -dc FILE'],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a], 'xz -dc FILE'],
  ['7z', [0x37, 0x7a, 0xbc, 0xaf], '7z x -so FILE'],
  ['rar', [0x52, 0x61, 0x72, 0x21], 'unrar p -inul FILE'],
  ['Excel or another zip of old', [0xd0, 0xcf, 0x11, 0xe0], 'a CSV that the spreadsheet has saved'],
];

/** @throws problem('invalid-csv') for what nothing here unpacks, with the command that does */
export function refuseUnread(first: Buffer): void {
  for (const [name, magic, command] of UNREAD) {
    if (!magic.every((byte, i) => first[i] === byte)) continue;
    throw problem(
      'invalid-csv',
      `The file is ${name}, which is not unpacked here; send what this gives: ${command}`,
    );
  }
}

/** The files of an archive one after the other; each has to be read to its end before the next one comes. */
export function filesOf(kind: ArchiveKind, stream: AsyncIterable<Uint8Array>): AsyncGenerator<NamedBytes> {
  return kind === 'zip' ? zipFiles(stream) : tarFiles(stream);
}

async function* tarFiles(stream: AsyncIterable<Uint8Array>): AsyncGenerator<NamedBytes> {
  const { extract } = await import('tar-stream');
  const entries = extract();
  const source = Readable.from(stream);
  let isSourceBroken = false;
  source.once('error', (error) => {
    isSourceBroken = true;
    entries.destroy(error);
  });
  source.pipe(entries);
  const explained = (error: unknown) => (isSourceBroken ? error : badTar(error));
  async function* bytesOf(entry: AsyncIterable<Uint8Array>) {
    try {
      yield* entry;
    } catch (error) {
      throw explained(error);
    }
  }
  const each = entries[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await each.next().catch((error: unknown) => {
        throw explained(error);
      });
      if (next.done) return;
      const { header } = next.value;
      if (header.type === 'file')
        yield { name: header.name, bytes: bytesOf(next.value as AsyncIterable<Uint8Array>) };
      next.value.resume();
    }
  } finally {
    await each.return?.();
  }
}

/** The second one comes in the middle of a file, whose stream ends before the archive says why. */
const OF_CUT_TAR = ['Unexpected end of data', 'Stream was destroyed'];

/** Errors of tar-stream are plain ones: they tell of the file, and the one of a cut file has no code. */
function badTar(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const detail = OF_CUT_TAR.includes(messageOf(error))
    ? 'The tar ends in the middle; send it again'
    : `The tar cannot be read (${messageOf(error)}); send it again, or the file in it`;
  return problem('invalid-csv', detail, {}, error);
}

const END_OF_ZIP = 'PK\u0005\u0006';
/** Length of the end of a zip with the longest comment. */
const END_BYTES = 65_557;

type ZipPart = { name: string } | { bytes: Uint8Array; final: boolean };

async function* zipFiles(stream: AsyncIterable<Uint8Array>): AsyncGenerator<NamedBytes> {
  const parts = zipParts(stream);
  for (let next = await parts.next(); !next.done; next = await parts.next()) {
    const part = next.value;
    if (!('name' in part)) continue;
    let done = false;
    async function* bytes() {
      for (let more = await parts.next(); !more.done; more = await parts.next()) {
        const piece = more.value;
        if ('name' in piece) continue;
        yield piece.bytes;
        done = piece.final;
        if (done) return;
      }
    }
    const file = bytes();
    if (!part.name.endsWith('/')) yield { name: part.name, bytes: file };
    // What the caller did not want has to go by.
    while (!done && !(await file.next()).done);
  }
}

/** Names and contents in the order of the file. */
async function* zipParts(stream: AsyncIterable<Uint8Array>): AsyncGenerator<ZipPart> {
  const { Unzip, UnzipInflate } = await import('fflate');
  const found: ZipPart[] = [];
  const unzip = new Unzip((file) => {
    found.push({ name: file.name });
    file.ondata = (error, bytes, final) => {
      if (error) throw error;
      found.push({ bytes, final });
    };
    file.start();
  });
  unzip.register(UnzipInflate);
  const push = (bytes: Uint8Array, final: boolean) => {
    try {
      unzip.push(bytes, final);
    } catch (error) {
      throw problem(
        'invalid-csv',
        `The zip cannot be read (${(error as Error).message}); send the file in it`,
        {},
        error,
      );
    }
  };
  let tail: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    tail = Buffer.concat([tail, chunk]).subarray(-END_BYTES);
    push(chunk, false);
    yield* found.splice(0);
  }
  // The list of files at the end: without it a file may be missing, or a piece of one.
  if (!tail.includes(END_OF_ZIP)) throw problem('invalid-csv', 'The zip ends in the middle; send it again');
}
