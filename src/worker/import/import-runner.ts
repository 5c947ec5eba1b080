import { setImmediate } from 'node:timers/promises';
import type { ArtifactStore } from '../../artifact/store/store.ts';
import type { Disk } from '../../core/disk.ts';
import { AppError, type ProblemCode, problem } from '../../core/errors.ts';
import { type ImportSpec, MAX_REJECTS } from '../../domain/data/import.ts';
import { OWN_EXPORTS } from '../../domain/data/reading/presets.ts';
import type { ReadingNotes } from '../../domain/data/reading/reading.ts';
import { saidOfUnknownTypes } from '../../domain/data/unknown-type.ts';
import type { ImportResult, JobProgress } from '../../domain/jobs/job.ts';
import { readFile } from '../../ingest/read-file.ts';
import type { FileRow } from '../../ingest/read-rows.ts';
import type { InteractionOptions } from '../../ingest/rows.ts';
import type { Reject } from '../../store/data/contract.ts';
import type { Store } from '../../store/store.ts';
import { declareScales, meaningsFor } from './declare-scales.ts';
import type { ErasedUsers } from './erased-users.ts';
import { findColumnTypes } from './find-column-types.ts';
import type { ImportPlaces } from './import-places.ts';
import { progressReporter } from './import-progress.ts';
import { createImportSink, type ImportSink } from './import-sink.ts';
import { openImportSource } from './import-source.ts';
import type { ImportLimits } from './limit-source.ts';
import { allRejected, firstRejects, MAX_LISTED_REJECTS, textOf, userOf } from './rejected-rows.ts';
import { createTeacherSink } from './teacher-sink.ts';

export interface ImportRun extends ImportPlaces {
  jobId: string;
  spec: ImportSpec;
  artifacts: Pick<ArtifactStore, 'open' | 'putFolder' | 'remove'>;
  store: Pick<
    Store,
    'interactions' | 'catalogue' | 'exports' | 'rejects' | 'externalTeachers' | 'eventTypes' | 'deletions'
  >;
  /** Progress of an earlier run of the job, which was put back or whose worker died: rows that it stored are read over. */
  before?: JobProgress | null;
  /** Those who were erased since the import was asked for; nobody without it. */
  erased?: ErasedUsers;
  /** Bad lines that are kept; further ones are counted. */
  keepRejects?: number | undefined;
  /** Asked before anything is written; without it there is always room. */
  disk?: Pick<Disk, 'require'> | undefined;
  /** On the time that the source may take; none without them. */
  limits?: ImportLimits | undefined;
  /** Rows that are stored together. */
  batchRows?: number;
  signal: AbortSignal;
  onProgress(progress: JobProgress): void;
  now(): number;
}

/** With fewer the store would write the same pages of its indexes more often. */
const BATCH_ROWS = 300_000;

/**
 * Reads an uploaded file into the store, batch by batch. What was stored stays when a later line makes the file
 * unreadable or the job is cancelled: storing a row twice changes nothing, so the whole file can be sent again.
 * The upload is not touched: whether it is needed again only the end of the job decides.
 */
export async function runImport(run: ImportRun): Promise<ImportResult> {
  const { spec, signal } = run;
  const notes: ReadingNotes = {};
  const installed = await meaningsFor(run.store.eventTypes, notes);
  const work = createWork(run, notes, { installed, timeOfReceipt: spec.timestamps === 'received' });
  const { result } = work;
  const startedAt = performance.now();
  const columnTypes = await findColumnTypes(run, work.notes, startedAt);
  const source = await openImportSource(run, spec, signal, startedAt);
  const report = progressReporter(run, source, work);
  try {
    for await (const file of source.files) {
      beginFile(file.name, work);
      for await (const rows of readFile(file, spec, work.notes, columnTypes)) {
        for (const row of rows) {
          takeRow(row, work);
          const { batchRows = BATCH_ROWS } = run;
          if (work.sink.waiting() >= batchRows || work.rejects.length >= batchRows) await storeBatch(work);
        }
        report();
      }
    }
    await storeBatch(work);
    await work.storing;
  } catch (error) {
    throw await afterFailure(error, work);
  } finally {
    // The next run, if there is one, begins behind what is named here.
    report({ isLast: true });
    source.close();
  }
  if (work.skip > 0) result.rejects = await firstRejects(run);
  if (result.rows > 0 && result.rejected === result.rows) throw allRejected(result);
  return {
    ...result,
    ...saidOfUnknownTypes(work.sink.unknownTypes),
    reading: work.notes,
    ...(spec.dryRun && { dryRun: true }),
    ...(await work.sink.finish?.()),
  };
}

interface ImportWork {
  run: ImportRun;
  sink: ImportSink;
  result: ImportResult;
  notes: ReadingNotes;
  /** The file of several that is read: its name, and the lines of those before it. */
  file: { name: string; linesBefore: number } | undefined;
  lastLine: number;
  /** Number of rows that are stored, found to be duplicates or reported; the others wait. */
  settled: number;
  /** Wait to be stored with the batch. */
  rejects: Reject[];
  /** Resolves when the last batch is stored; the next one is read meanwhile. */
  storing: Promise<void>;
  /** Rows that an earlier run has dealt with. */
  skip: number;
}

function createWork(run: ImportRun, notes: ReadingNotes, options: InteractionOptions): ImportWork {
  const { spec, store, now, before } = run;
  // preset=auto knows an export of this service by its first lines.
  const inOrder = () => spec.inOrder ?? notes.preset === OWN_EXPORTS;
  const sink =
    spec.kind === 'teacher'
      ? createTeacherSink({ ...run, name: spec.name!, dryRun: spec.dryRun ?? false })
      : createImportSink(store, spec.kind, now, spec, { ...options, inOrder });
  // What is stored as a whole was not stored by the run before.
  const { accepted = 0, duplicates = 0, rejected = 0, rows = 0 } = (!sink.finish && before) || {};
  const result: ImportResult = { rows: 0, accepted, duplicates, rejected, rejects: [] };
  return {
    run,
    sink,
    result,
    notes,
    file: undefined,
    lastLine: 0,
    settled: 0,
    rejects: [],
    storing: Promise.resolve(),
    skip: rows,
  };
}

/** The lines of several files are numbered through, as their bad lines are told apart by their numbers. */
function beginFile(name: string, work: ImportWork): void {
  if (
    name === work.run.spec.file ||
    (work.run.spec.url !== undefined && !work.file && name === new URL(work.run.spec.url).pathname)
  )
    return;
  work.notes.files = [...(work.notes.files ?? []), name];
  work.file = { name, linesBefore: work.lastLine };
}

function takeRow(row: FileRow, work: ImportWork): void {
  const { result, sink, run } = work;
  result.rows++;
  const line = row.line + (work.file?.linesBefore ?? 0);
  work.lastLine = line;
  if (result.rows <= work.skip) return;
  const why = 'reason' in row ? row.reason : sink.add(row.raw);
  if (why === null) return;
  const reason = work.file ? `${work.file.name}, line ${row.line}: ${why}` : why;
  result.rejected++;
  if (result.rejects.length < MAX_LISTED_REJECTS) result.rejects.push({ line, reason });
  const { keepRejects = MAX_REJECTS } = run;
  if (result.rejected <= keepRejects)
    work.rejects.push({ line, reason, text: textOf(row, run.spec.delimiter), userId: userOf(row) });
  else result.rejectsKept = keepRejects;
  const limit = run.spec.maxRejects ?? MAX_REJECTS;
  if (result.rejected > limit) {
    const detail = `${work.file ? '' : `Line ${line}: `}${reason}. That is more than the ${limit} bad lines that maxRejects allows, so the import stopped`;
    throw problem('invalid-rows', detail, { line });
  }
}

/** Begins to store what has been read, when the batch before is stored. */
async function storeBatch(work: ImportWork): Promise<void> {
  await work.storing;
  if (work.run.signal.aborted) throw problem('cancelled', `The import was cancelled; ${storedSoFar(work)}`);
  // Better than a write that fails: others write to this disk too.
  await work.run.disk?.require();
  const { spec, store: of } = work.run;
  if (spec.kind === 'interactions' && !spec.dryRun) await declareScales(of.eventTypes, work.notes);
  work.storing = store(work);
  // Whoever waits for it next hears of a failure.
  work.storing.catch(() => {});
  await setImmediate();
}

async function store(work: ImportWork): Promise<void> {
  const { run, sink, result, rejects } = work;
  const { rows } = result;
  work.rejects = [];
  const [{ accepted, duplicates, users = [] }] = await Promise.all([
    sink.flush(),
    run.store.rejects.add(run.jobId, rejects),
  ]);
  const spokenOf = [...users, ...rejects.flatMap(({ userId }) => userId ?? [])];
  // A dry run leaves bad lines too.
  await run.erased?.eraseAgain(spokenOf);
  result.accepted += accepted;
  result.duplicates += duplicates;
  work.settled = rows;
}

const KEEPS_WHAT_CAME: ReadonlySet<ProblemCode> = new Set([
  'invalid-csv',
  'invalid-rows',
  'source-too-slow',
  'import-timeout',
]);

/** Where the file itself is broken or comes too slowly, the good rows before the break are stored, and the message says how many. */
async function afterFailure(error: unknown, work: ImportWork): Promise<unknown> {
  const { result } = work;
  // A batch that could not be stored counts for more than a later line that cannot be read.
  const failure = await work.storing.then(
    () => error,
    (reason: unknown) => reason,
  );
  if (failure !== error) return failure;
  if (!(error instanceof AppError) || !KEEPS_WHAT_CAME.has(error.code)) return error;
  if (result.rows === 0) {
    return work.file
      ? problem(error.code, `${inFile(work)}${error.detail}`, { ...error.extra }, error)
      : error;
  }
  await storeBatch(work);
  await work.storing;
  return problem(
    error.code,
    `${inFile(work)}${error.detail}. ${capital(storedSoFar(work))}`,
    { ...error.extra, ...result },
    error,
  );
}

function storedSoFar({ run, sink, result: { accepted, duplicates } }: ImportWork): string {
  if (sink.finish) return 'nothing is stored: a teacher counts as a whole';
  if (run.spec.dryRun) return `${accepted} rows would be stored; this was a dry run`;
  const known = duplicates > 0 ? ` (and ${duplicates} were there already)` : '';
  return `${accepted} rows are stored${known}; sending the whole file again stores nothing twice`;
}

const inFile = ({ file }: ImportWork) => (file ? `${file.name}: ` : '');
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
