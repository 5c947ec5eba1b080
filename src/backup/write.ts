import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Pack } from 'tar-stream';
import { problem } from '../core/errors.ts';
import { CODE_VERSION } from '../core/version.ts';
import type { BackupPart, BackupStore, ReadPart, RegistryRow } from '../store/backup/contract.ts';
import {
  ARTIFACTS_FOLDER,
  type BackupCounts,
  DATA_PARTS,
  FORMAT,
  HEAD_FILE,
  MANIFEST_FILE,
  type Manifest,
  MEMBER_BYTES,
  MODEL_PARTS,
  memberName,
} from './format.ts';
import { LINES } from './lines.ts';
import { checkVersions } from './sound-files.ts';

export interface BackupSource {
  backup: Pick<BackupStore, 'read'>;
  artifacts: {
    list(prefix: string): Promise<{ key: string; bytes: number }[]>;
    open(key: string): Promise<Readable>;
  };
}

/** A reader that takes nothing for so long is given up: the moment that is read keeps the database from tidying up. */
const MOST_IDLE_MS = 60_000;

/**
 * A tar of the whole installation as of now; the same contents make the same bytes. It resolves when the database has answered and
 * all artifacts are found. A failure later on breaks the stream off, and a tar without its last member is none.
 * @param models stored versions, aliases and imported teachers too, with their files
 * @throws problem('store-unavailable'), or problem('conflict') where the files of a model are gone or damaged
 */
export async function writeBackup(source: BackupSource, { models }: { models: boolean }): Promise<Readable> {
  const { pack } = await import('tar-stream');
  const tar = pack();
  // Whoever reads it hears of a failure; until then nobody does.
  tar.once('error', () => {});
  await new Promise<void>((resolve, reject) => {
    const written = source.backup.read(async (rows) => {
      const files = models ? await artifactFiles(rows, source.artifacts) : [];
      resolve();
      const members = createMembers(tar);
      await members.add(HEAD_FILE, jsonOf({ format: FORMAT, program: 'stillhouse', version: CODE_VERSION }));
      for (const part of DATA_PARTS) await members.addRows(part, rows);
      for (const { key, bytes } of files)
        await members.add(`${ARTIFACTS_FOLDER}${key}`, await source.artifacts.open(key), bytes);
      if (models) for (const part of MODEL_PARTS) await members.addRows(part, rows);
      await members.add(MANIFEST_FILE, jsonOf(members.manifest));
    });
    written.then(
      () => tar.finalize(),
      (error: Error) => {
        reject(error);
        tar.destroy(error);
      },
    );
  });
  return Readable.from(tar, { objectMode: false });
}

interface Members {
  /** Counts, and hashes of the files that were added so far. */
  manifest: Manifest;
  add(name: string, body: Buffer | Readable, size?: number): Promise<void>;
  addRows(part: BackupPart, rows: ReadPart): Promise<void>;
}

function createMembers(tar: Pack): Members {
  const counts: BackupCounts = {};
  const manifest: Manifest = { format: FORMAT, counts: counts as Manifest['counts'], files: [] };

  async function add(name: string, body: Buffer | Readable, size = (body as Buffer).length) {
    const hash = createHash('sha256');
    const chunks = body instanceof Buffer ? [body] : (body as AsyncIterable<Buffer>);
    await withPatience(tar, (progress) => {
      // A fixed time: the same contents make the same file.
      const entry = { name, size, mode: 0o644, mtime: new Date(0) };
      return writeEntry(tar, entry, hashed(chunks, hash, progress));
    });
    manifest.files.push({ name, bytes: size, sha256: hash.digest('hex') });
  }

  return {
    manifest,
    add,
    async addRows(part, rows) {
      counts[part] = 0;
      let lines: string[] = [];
      let bytes = 0;
      let members = 0;
      const flush = async () => {
        if (bytes > 0) await add(memberName(part, ++members), Buffer.from(lines.join('')));
        lines = [];
        bytes = 0;
      };
      const { view } = LINES[part] as { view(row: unknown): unknown };
      for await (const page of rows(part)) {
        for (const row of page) {
          const line = `${JSON.stringify(view(row))}\n`;
          lines.push(line);
          bytes += Buffer.byteLength(line);
          counts[part]++;
          // By size alone, so that pages of the database leave no trace in the file.
          if (bytes >= MEMBER_BYTES) await flush();
        }
      }
      await flush();
    },
  };
}

async function* hashed(
  chunks: Iterable<Buffer> | AsyncIterable<Buffer>,
  hash: ReturnType<typeof createHash>,
  progress: () => void,
) {
  for await (const chunk of chunks) {
    hash.update(chunk);
    progress();
    yield chunk;
  }
}

type EntryHeader = Parameters<Pack['entry']>[0];

/** Resolves when the reader has taken the entry, but for what the stream itself holds. */
async function writeEntry(tar: Pack, header: EntryHeader, chunks: AsyncIterable<Buffer>): Promise<void> {
  let entry!: ReturnType<Pack['entry']>;
  const done = new Promise<void>((resolve, reject) => {
    entry = tar.entry(header, (error) => (error ? reject(error) : resolve()));
  });
  // Both tell of a failure, and it is heard below.
  entry.once('error', () => {});
  done.catch(() => {});
  for await (const chunk of chunks) {
    if (!entry.write(chunk))
      await Promise.race([done, new Promise<void>((resolve) => entry.once('drain', resolve))]);
  }
  entry.end(null);
  await done;
}

async function withPatience<T>(tar: Pack, work: (progress: () => void) => Promise<T>): Promise<T> {
  const giveUp = () => tar.destroy(new Error(`nobody has read on for ${MOST_IDLE_MS / 1000} seconds`));
  const timer = setTimeout(giveUp, MOST_IDLE_MS);
  try {
    return await work(() => timer.refresh());
  } finally {
    clearTimeout(timer);
  }
}

/** Files of all versions that are not deleted and of imported teachers; each has some. */
async function artifactFiles(rows: ReadPart, artifacts: BackupSource['artifacts']) {
  const keys = new Set<string>();
  const each = async (part: 'versions' | 'teachers', keyOf: (row: RegistryRow) => string) => {
    for await (const page of rows(part)) for (const row of page) if (!row.deleted_at) keys.add(keyOf(row));
  };
  await each('versions', ({ artifact }) => String(artifact));
  await each('teachers', ({ teacher }) => (JSON.parse(String(teacher)) as { artifact: string }).artifact);
  const files = [];
  for (const key of keys) {
    const found = await artifacts.list(key);
    if (found.length === 0)
      throw problem('conflict', `${key} is missing; models=false leaves the models out`);
    files.push(...found);
  }
  await checkVersions(rows, artifacts);
  return files;
}

const jsonOf = (value: unknown) => Buffer.from(`${JSON.stringify(value, null, 1)}\n`);
