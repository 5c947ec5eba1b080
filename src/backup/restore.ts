import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { Compile } from 'typebox/compile';
import { messageOf, problem } from '../core/errors.ts';
import { nextRun } from '../domain/jobs/cron.ts';
import { peek } from '../ingest/peek.ts';
import { archiveKind, filesOf, type NamedBytes } from '../ingest/unpack/archive.ts';
import { decompress, MAGIC_BYTES } from '../ingest/unpack/decompress.ts';
import type { BackupPart, BackupRows, BackupStore, PutRows } from '../store/backup/contract.ts';
import {
  ARTIFACTS_FOLDER,
  type BackupCounts,
  FORMAT,
  HEAD_FILE,
  Head,
  MANIFEST_FILE,
  Manifest,
  MOST_MEMBER_BYTES,
  memberName,
  PARTS,
} from './format.ts';
import { LINES } from './lines.ts';

export interface RestoreTarget {
  backup: Pick<BackupStore, 'restore'>;
  artifacts: { put(key: string, body: Readable): Promise<{ bytes: number; sha256: string }> };
  /** Milliseconds since 1970. */
  now(): number;
}

/** First bytes by which a tar is known. */
const TAR_BYTES = 262;
const head = Compile(Head);
const manifestOf = Compile(Manifest);

/**
 * Takes a backup, gzip or not, into an empty installation. All rows are one transaction, which ends when the manifest was the last member and
 * every member has the hash that it names: until then nothing of them is there. Files of models are written before, where
 * nothing names them yet; another restore writes them again.
 * @returns how many rows of each part were put back
 * @throws problem('conflict') for an installation that is not empty, problem('invalid-rows') for a file that is no whole
 * backup, with the member and line
 */
export function restoreBackup(
  bytes: AsyncIterable<Uint8Array>,
  target: RestoreTarget,
): Promise<BackupCounts> {
  return target.backup.restore(async (put) => {
    const reading = createReading(put, target);
    for await (const file of filesOf('tar', await unpacked(bytes))) await reading.take(file);
    return reading.finish();
  });
}

async function unpacked(bytes: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const packed = await peek(bytes, MAGIC_BYTES);
  const plain = decompress(packed.first, Readable.from(packed.rest), { name: '', format: 'ndjson' });
  const { first, rest } = await peek(plain, TAR_BYTES);
  if (archiveKind(first) === 'tar') return rest;
  // A file that cannot be read says so when it is read on.
  if (first.length < TAR_BYTES) await rest.next();
  throw broken('it is no tar; GET /exports/all gives one');
}

function createReading(put: PutRows, target: RestoreTarget) {
  const counts: BackupCounts = {};
  const files: Manifest['files'] = [];
  let manifest: Manifest | undefined;
  let member = { part: 0, n: 0 };

  async function takeRows(part: BackupPart, n: number, content: Buffer): Promise<void> {
    const place = PARTS.indexOf(part);
    const isNext = place === member.part ? n === member.n + 1 : place > member.part && n === 1;
    if (!isNext) throw broken(`${memberName(part, n)} does not stand where it belongs`);
    member = { part: place, n };
    const rows = rowsOf(part, memberName(part, n), content);
    if (part === 'schedules') await startClocks(rows as BackupRows['schedules'][], target.now());
    await put(part, rows);
    counts[part] = (counts[part] ?? 0) + rows.length;
  }

  return {
    async take({ name, bytes }: NamedBytes): Promise<void> {
      if (manifest) throw broken(`${name} stands behind ${MANIFEST_FILE}, which is the last member`);
      if (files.length === 0 && name !== HEAD_FILE)
        throw broken(
          `its first member is ${name} in place of ${HEAD_FILE}; GET /exports/all makes what can be restored`,
        );
      if (name.startsWith(ARTIFACTS_FOLDER)) {
        const written = await target.artifacts.put(name.slice(ARTIFACTS_FOLDER.length), Readable.from(bytes));
        files.push({ name, bytes: written.bytes, sha256: written.sha256 });
        return;
      }
      const content = await wholeOf(name, bytes);
      if (name === MANIFEST_FILE) {
        manifest = parsed(manifestOf, name, content);
        return;
      }
      files.push({ name, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') });
      if (name === HEAD_FILE) return checkHead(content);
      const [, part, n] = /^([a-z-]+)\/(\d{5,9})\.ndjson$/.exec(name) ?? [];
      if (!PARTS.includes(part as BackupPart)) throw broken(`nothing is known of its member ${name}`);
      await takeRows(part as BackupPart, Number(n), content);
    },
    finish(): BackupCounts {
      if (!manifest) throw broken(`it has no ${MANIFEST_FILE}: the export broke off before its end`);
      compare(manifest, files, counts);
      return counts;
    },
  };
}

function checkHead(content: Buffer): void {
  const { format, version } = parsed(head, HEAD_FILE, content);
  if (format > FORMAT)
    throw broken(`it has format ${format}, of Stillhouse ${version}; this one reads formats up to ${FORMAT}`);
}

async function wholeOf(name: string, bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of bytes) {
    length += chunk.length;
    if (length > MOST_MEMBER_BYTES && name !== MANIFEST_FILE)
      throw broken(`${name} has more than ${MOST_MEMBER_BYTES} bytes, which no export writes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function rowsOf<P extends BackupPart>(part: P, name: string, content: Buffer): BackupRows[P][] {
  const { parse } = LINES[part];
  const lines = content.toString('utf8').split('\n');
  if (lines.pop() !== '') throw broken(`${name} ends in the middle of a line`);
  return lines.map((line, i) => {
    const row = parse(jsonOf(line, `${name}, line ${i + 1}`));
    if ('reason' in row) throw broken(`${name}, line ${i + 1}: ${row.reason}`);
    return row.ok;
  });
}

/** Sets the clocks to their next time from now on: runs since the export are not made up for. */
async function startClocks(schedules: BackupRows['schedules'][], now: number): Promise<void> {
  for (const schedule of schedules) {
    const { cron, timeZone, paused, id } = schedule;
    if (cron === null || paused) continue;
    schedule.nextAt = await nextRun(cron, timeZone ?? 'UTC', now).catch((error: unknown) => {
      throw broken(`schedule ${id}: cron ${JSON.stringify(cron)} cannot be read (${messageOf(error)})`);
    });
  }
}

/** @throws problem('invalid-rows') that names the first member in which file and manifest differ */
function compare(manifest: Manifest, files: Manifest['files'], counts: BackupCounts): void {
  for (const [i, listed] of manifest.files.entries()) {
    const found = files[i];
    if (found?.name !== listed.name) throw broken(`${listed.name} is missing; ${MANIFEST_FILE} lists it`);
    if (found.bytes !== listed.bytes || found.sha256 !== listed.sha256)
      throw broken(`${listed.name} is damaged: its sha256 is not that of ${MANIFEST_FILE}`);
  }
  const more = files[manifest.files.length];
  if (more) throw broken(`${MANIFEST_FILE} does not list ${more.name}`);
  for (const [part, count] of Object.entries(manifest.counts)) {
    const found = counts[part as BackupPart] ?? 0;
    if (found !== count) throw broken(`it has ${found} rows of ${part}; ${MANIFEST_FILE} says ${count}`);
  }
}

function parsed<T>(
  validator: {
    Check(value: unknown): value is T;
    Errors(value: unknown): { instancePath: string; message: string }[];
  },
  name: string,
  content: Buffer,
): T {
  const value = jsonOf(content.toString('utf8'), name);
  if (validator.Check(value)) return value;
  const [error] = validator.Errors(value);
  throw broken(`${name} is not as it should be: ${error?.instancePath || 'it'} ${error?.message}`);
}

function jsonOf(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw broken(`${where} is not valid JSON`);
  }
}

const broken = (why: string) => problem('invalid-rows', `The file cannot be restored: ${why}`);
