import type { VersionSource } from '../../artifact/find-version.ts';
import type { ArtifactStore } from '../../artifact/store/store.ts';
import type { Logger } from '../../core/logger.ts';
import type { Rng } from '../../core/rng.ts';
import type { NewVersion } from '../../domain/answers/model.ts';
import type { StoredItem } from '../../domain/data/catalogue.ts';
import type { Snapshots } from '../../domain/data/interaction-source.ts';
import type { CompleteDistillation } from '../../domain/jobs/complete-distillation.ts';
import type { JobProgress } from '../../domain/jobs/job.ts';
import type { StoredExternalTeacher } from '../../domain/teachers/external-teacher.ts';
import type { Engine } from '../../tensor/engine.ts';
import type { StageProgress } from './progress.ts';
import type { Stages } from './stages.ts';

/** Where training finds teachers that were imported; the SQL store is one. */
export interface ExternalTeachers {
  get(name: string): Promise<StoredExternalTeacher | null>;
}

/** Where training reads what is known of items; the SQL store is one. */
export interface ItemSource {
  /** Unknown ids are left out. */
  getItems(itemIds: readonly string[]): Promise<StoredItem[]>;
}

/** What a training job gets, whatever its task. */
export interface RunOptions {
  task: { jobId: string; spec: CompleteDistillation; tensorBackend: string; tensorMemoryMiB?: number };
  store: {
    interactions: Snapshots;
    externalTeachers?: ExternalTeachers;
    models: VersionSource;
    catalogue: ItemSource;
  };
  artifacts: Pick<ArtifactStore, 'get' | 'putFolder'>;
  stages: Stages;
  signal: AbortSignal;
  onProgress(progress: JobProgress): void;
  onWarning(message: string): void;
  logger: Logger;
  /** Made anew where it is left out. */
  engine?: Engine;
  /** How many recommendations of each ranker are timed for the report; unset: as many as its figures need. */
  timedAnswers?: number;
}

/** What a training job ends with; the caller registers the version. */
export interface RunResult {
  version: NewVersion;
  warnings: string[];
}

/** The options with what every task begins with. */
export interface StartedRun extends RunOptions {
  engine: Engine;
  rng: Rng;
  progress: StageProgress;
}
