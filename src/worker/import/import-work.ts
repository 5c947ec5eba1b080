import type { ArtifactStore } from '../../artifact/store/store.ts';
import type { Disk } from '../../core/disk.ts';
import type { Secrets } from '../../core/secrets.ts';
import type { ImportSpec } from '../../domain/data/import.ts';
import type { Job } from '../../domain/jobs/job.ts';
import type { Signals } from '../../jobs/signals.ts';
import { announceWrites } from '../../serving/caches/announce-writes.ts';
import type { Store } from '../../store/store.ts';
import type { Work } from '../queue/runner.ts';
import type { Ending } from '../queue/settle.ts';
import { failureOf } from '../trainer/outcome.ts';
import { createErasedUsers } from './erased-users.ts';
import { runImport } from './import-runner.ts';
import type { ImportLimits } from './limit-source.ts';

interface ImportDeps {
  store: Pick<
    Store,
    'interactions' | 'catalogue' | 'exports' | 'rejects' | 'externalTeachers' | 'eventTypes' | 'deletions'
  >;
  artifacts: ArtifactStore;
  importUrls?: readonly string[];
  importDir?: string | undefined;
  secrets?: Pick<Secrets, 'unseal' | 'pseudonym'>;
  keepRejects?: number;
  disk?: Disk;
  limits?: ImportLimits;
}

const USERS_PER_SIGNAL = 5_000;

/** Removes the upload of an import that is over; one from an address or a path has none. */
export async function removeUpload(artifacts: Pick<ArtifactStore, 'remove'>, job: Job): Promise<void> {
  if (job.type !== 'import') return;
  const { file } = job.spec as ImportSpec;
  if (file !== undefined) await artifacts.remove(file);
}

/** In parts: an api process reads each message in one go. */
export function announceUsers(users: readonly string[] | null, signals: Pick<Signals, 'publish'>): void {
  if (users === null) void signals.publish({ kind: 'histories', users });
  else {
    for (let at = 0; at < users.length; at += USERS_PER_SIGNAL)
      void signals.publish({ kind: 'histories', users: users.slice(at, at + USERS_PER_SIGNAL) });
  }
}

/** Runs import jobs in the worker itself: they stream, and hold neither tensors nor much memory. */
export function createImportWork(deps: ImportDeps): Work {
  const { store, artifacts, importUrls = [], importDir, keepRejects, disk, secrets, limits } = deps;
  return async (job, { signal, progress, signals, logger }) => {
    const spec = job.spec as ImportSpec;
    // What api processes remember of these users and items is out of date from here on.
    const announced = announceWrites(store, {
      users: (users) => announceUsers(users, signals),
      items: () => void signals.publish({ kind: 'items' }),
      rules: () => void signals.publish({ kind: 'rules' }),
    });
    const ending = await runImport({
      jobId: job.id,
      spec,
      store: announced,
      artifacts,
      importUrls,
      importDir,
      secrets,
      ...(secrets && { erased: createErasedUsers(announced.deletions, secrets, Date.parse(job.createdAt)) }),
      keepRejects,
      disk,
      limits,
      before: job.progress,
      signal,
      onProgress: progress.report,
      now: Date.now,
    }).then(
      (result): Ending => ({ kind: 'imported', result }),
      (error): Ending => {
        if (!signal.aborted) logger.warn({ err: error }, 'import failed');
        return { kind: 'failed', ...failureOf(error) };
      },
    );
    // The upload goes when the job's end is on record and not before: a run that is stopped by a shutdown, or whose
    // worker is killed, is followed by another one that reads it again.
    return { ...ending, cleanUp: () => removeUpload(artifacts, job) };
  };
}
