import type { VersionSource } from '../../artifact/find-version.ts';
import type { ArtifactStore } from '../../artifact/store/store.ts';
import type { Logger } from '../../core/logger.ts';
import type { Rng } from '../../core/rng.ts';
import type { NewVersion } from '../../domain/answers/model.ts';
import type { StoredRule } from '../../domain/answers/rule.ts';
import type { StoredItem } from '../../domain/data/catalogue.ts';
import type { Snapshots } from '../../domain/data/interaction-source.ts';
import type { CompleteDistillation } from '../../domain/jobs/complete-distillation.ts';
import type { JobProgress } from '../../domain/jobs/job.ts';
import type { StoredExternalTeacher } from '../../domain/teachers/external-teacher.ts';
import type { EventTypeStore } from '../../store/data/contract.ts';
import type { Engine } from '../../tensor/engine.ts';
import type { OnAnswer } from './answered.ts';
import type { StageProgress } from './progress.ts';
import type { Stages } from './stages.ts';

/** A source of imported teachers; the SQL store is one. */
export interface ExternalTeachers {
  get(name: string): Promise<StoredExternalTeacher | null>;
}

/** A source of items with their categories, labels and features; the SQL store is one. */
export interface ItemSource {
  /** Unknown ids are left out. */
  getItems(itemIds: readonly string[]): Promise<StoredItem[]>;
  /** Items that are hidden or have a window; a source without it hides none. */
  restrictedItems?(): Promise<StoredItem[]>;
}

/** All that a training job gets, whatever its task. */
export interface RunOptions {
  task: {
    jobId: string;
    /** The first job of the request, where the job is one of several students. */
    contest?: string;
    spec: CompleteDistillation;
    tensorBackend: string;
    tensorMemoryMiB?: number;
    memoryMiB?: number;
  };
  store: {
    interactions: Snapshots;
    /** Meanings of types of interactions; without it what is usual for their names. */
    eventTypes?: Pick<EventTypeStore, 'list'>;
    externalTeachers?: ExternalTeachers;
    models: VersionSource;
    catalogue: ItemSource;
    /** Rules that serving keeps; without them none holds. */
    rules?: { list(): Promise<StoredRule[]> };
  };
  artifacts: Pick<ArtifactStore, 'get' | 'putFolder'>;
  stages: Stages;
  signal: AbortSignal;
  onProgress(progress: JobProgress): void;
  /** Returns seconds, by which the time left is told; unset: the process's own clock. */
  clock?: () => number;
  onWarning(message: string): void;
  /** Called when a stage begins; what it returns is called when it ends, with why it failed if it did. */
  onStage?: ((name: string) => (failure?: string) => void) | undefined;
  logger: Logger;
  /** The engine to train with; a job without one makes its own. */
  engine?: Engine;
  /** The number of recommendations of each ranker that are timed for the report; unset: as many as its figures need. */
  timedAnswers?: number;
  /** Called with all that is answered in the evaluation, for comparing it with what is served. */
  onAnswer?: OnAnswer;
}

/** The result of a training job; the caller registers the version. */
export interface RunResult {
  version: NewVersion;
  warnings: string[];
}

/** The options of a run with the parts that every task begins with. */
export interface StartedRun extends RunOptions {
  engine: Engine;
  rng: Rng;
  progress: StageProgress;
}
