import { setImmediate } from 'node:timers/promises';
import type { ArtifactStore } from '../artifact/store.ts';
import { AppError, problem } from '../core/errors.ts';
import type { ImportSpec } from '../domain/import.ts';
import type { ImportResult, JobProgress } from '../domain/job.ts';
import { readCsv } from '../ingest/csv.ts';
import { readNdjson } from '../ingest/ndjson.ts';
import type { FileRow } from '../ingest/read-rows.ts';
import type { Store } from '../store/store.ts';
import { createImportSink, type ImportSink } from './import-sink.ts';
import { type ImportSource, openImportSource } from './import-source.ts';

export interface ImportRun {
  spec: ImportSpec;
  store: Pick<Store, 'interactions' | 'catalogue'>;
  artifacts: Pick<ArtifactStore, 'open'>;
  signal: AbortSignal;
  onProgress(progress: JobProgress): void;
  now(): number;
}

const BATCH_ROWS = 2_000;
const MAX_LISTED_REJECTS = 100;
const PROGRESS_INTERVAL_MS = 100;

/**
 * Reads an uploaded file into the store, batch by batch. What was stored stays when a later line makes the file
 * unreadable or the job is cancelled: storing a row twice changes nothing, so the whole file can be sent again.
 * The upload is not touched: whether it is needed again only the end of the job decides.
 */
export async function runImport(run: ImportRun): Promise<ImportResult> {
  const { spec, signal } = run;
  const sink = createImportSink(run.store, spec.kind, run.now);
  const result: ImportResult = { rows: 0, accepted: 0, duplicates: 0, rejected: 0, rejects: [] };
  const source = await openImportSource(run.artifacts, spec);
  const report = progressReporter(run, source, result);
  try {
    const read = spec.format === 'csv' ? readCsv : readNdjson;
    for await (const rows of read(source.bytes, spec.kind, { type: spec.interactionType })) {
      for (const row of rows) {
        result.rows++;
        takeRow(row, sink, result);
        if (sink.waiting() >= BATCH_ROWS) await storeBatch(sink, result, signal);
      }
      report();
    }
    await storeBatch(sink, result, signal);
  } catch (error) {
    throw await afterFailure(error, sink, result, signal);
  } finally {
    source.close();
  }
  if (result.rows > 0 && result.rejected === result.rows) throw allRejected(result);
  return result;
}

function takeRow(row: FileRow, sink: ImportSink, result: ImportResult): void {
  const reason = 'reason' in row ? row.reason : sink.add(row.raw);
  if (reason === null) return;
  result.rejected++;
  if (result.rejects.length < MAX_LISTED_REJECTS) result.rejects.push({ line: row.line, reason });
}

async function storeBatch(sink: ImportSink, result: ImportResult, signal: AbortSignal): Promise<void> {
  if (signal.aborted) throw problem('cancelled', `The import was cancelled; ${storedSoFar(result)}`);
  const { accepted, duplicates } = await sink.flush();
  result.accepted += accepted;
  result.duplicates += duplicates;
  await setImmediate();
}

/** Where the file itself is broken, the good rows before the break are stored, and the message says how many. */
async function afterFailure(
  error: unknown,
  sink: ImportSink,
  result: ImportResult,
  signal: AbortSignal,
): Promise<unknown> {
  const unreadable =
    error instanceof AppError && (error.code === 'invalid-csv' || error.code === 'invalid-rows');
  if (!unreadable || result.rows === 0) return error;
  await storeBatch(sink, result, signal);
  return problem(
    error.code,
    `${error.detail}. ${capital(storedSoFar(result))}`,
    { ...error.extra, ...result },
    error,
  );
}

function storedSoFar({ accepted, duplicates }: ImportResult): string {
  const known = duplicates > 0 ? ` (and ${duplicates} were there already)` : '';
  return `${accepted} rows are stored${known}; sending the whole file again stores nothing twice`;
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function allRejected(result: ImportResult): AppError {
  const first = result.rejects.slice(0, 3).map(({ line, reason }) => `line ${line}: ${reason}`);
  return problem('invalid-rows', `None of the ${result.rows} rows could be stored. ${first.join('; ')}`, {
    ...result,
  });
}

function progressReporter({ spec, onProgress }: ImportRun, source: ImportSource, result: ImportResult) {
  const started = performance.now();
  let last = Number.NEGATIVE_INFINITY;
  return () => {
    const at = performance.now();
    if (at - last < PROGRESS_INTERVAL_MS) return;
    last = at;
    const bytes = source.bytesRead();
    const fraction = spec.bytes > 0 ? Math.min(1, bytes / spec.bytes) : 0;
    const seconds = (at - started) / 1000;
    const progress: JobProgress = { stage: 'import', fraction, rows: result.rows, bytes };
    if (fraction > 0.01) progress.etaSeconds = Math.round((seconds / fraction) * (1 - fraction));
    onProgress(progress);
  };
}
