import type { VersionSource } from '../../artifact/find-version.ts';
import type { ArtifactStore } from '../../artifact/store/store.ts';
import type { Logger } from '../../core/logger.ts';
import type { Rng } from '../../core/rng.ts';
import type { Snapshots } from '../../domain/data/interaction-source.ts';
import type { DistillationSpec } from '../../domain/jobs/distillation-spec.ts';
import type { JobProgress } from '../../domain/jobs/job.ts';
import type { Engine } from '../../tensor/engine.ts';
import type { ExternalTeachers } from '../teachers/external-teacher.ts';
import type { ItemSource } from '../teachers/match-catalogue.ts';
import type { StageProgress } from './progress.ts';
import type { Stages } from './stages.ts';

/** What a training job gets, whatever its task. */
export interface RunOptions {
  task: { jobId: string; spec: DistillationSpec; tensorBackend: string; tensorMemoryMiB?: number };
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
}

/** The same with what every task begins with. */
export interface StartedRun extends RunOptions {
  engine: Engine;
  rng: Rng;
  progress: StageProgress;
}
