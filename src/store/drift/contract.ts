import type { DriftCheck, NewDriftCheck } from '../../domain/drift/drift-check.ts';
import type { DriftSettings } from '../../domain/drift/drift-settings.ts';
import type { Paged } from '../engine/paged.ts';
import type { JobTemplate } from '../jobs/contract.ts';

export interface DriftRecord {
  settings: DriftSettings;
  nextAt: string;
  /** True from a check that broke a limit until one that broke none. */
  drifted: boolean;
  keyId: string | null;
}

export interface NewDriftSettings {
  settings: DriftSettings;
  /** The job to start, where the settings name one. */
  job: JobTemplate | null;
  /** In milliseconds. */
  nextAt: number;
  keyId: string | null;
}

/** A check that is ours to make. */
export interface ClaimedCheck {
  model: string;
  revision: number;
  settings: DriftSettings;
  job: JobTemplate | null;
  keyId: string | null;
}

export interface EndOfCheck {
  check: NewDriftCheck;
  /** When the next one is due, in milliseconds. */
  nextAt: number;
  /** The job to start, or why there can be none; null where none is asked for. */
  retrain: { job: JobTemplate; pauseMs: number } | { reason: string } | null;
  mostQueued?: number | undefined;
}

/** How models are watched: settings, the clock, and what checks have found. */
export interface DriftStore {
  get(model: string): Promise<DriftRecord | null>;
  /** Takes the place of what was said before; checks of before stay. */
  put(model: string, settings: NewDriftSettings): Promise<DriftRecord>;
  /** Its checks go along. False where there was nothing. */
  remove(model: string): Promise<boolean>;
  /** Makes the next check due now. False where the model is not watched. */
  hurry(model: string): Promise<boolean>;
  /**
   * Takes a check that is due, for so many milliseconds: who is killed meanwhile leaves it due again. Null where none is due, or
   * others have those that are.
   */
  claim(leaseMs: number): Promise<ClaimedCheck | null>;
  /** Keeps a check that takes long. False where it is no longer ours, or the model is watched otherwise by now. */
  renew(claimed: Pick<ClaimedCheck, 'model' | 'revision'>, leaseMs: number): Promise<boolean>;
  /**
   * Keeps what was found, says so where it began or ended to be drift, and starts the job, in one transaction. The job is not started
   * while the last one of this kind is unfinished, before its pause is over, or where the queue is full.
   * @returns the check as it is kept, or null where it was no longer ours
   */
  record(claimed: Pick<ClaimedCheck, 'model' | 'revision'>, end: EndOfCheck): Promise<DriftCheck | null>;
  /** Newest first. */
  checks(model: string, limit: number, cursor?: string): Promise<Paged<DriftCheck>>;
  /** The newest check of each model that is watched. */
  latest(): Promise<{ model: string; check: DriftCheck }[]>;
  /** Forgets checks from before the time in milliseconds. @returns how many */
  forget(before: number, limit: number): Promise<number>;
}
