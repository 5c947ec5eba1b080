import type { BackupStore } from './backup/contract.ts';
import type {
  CatalogueStore,
  DeletionStore,
  EventTypeStore,
  ExportStore,
  InteractionStore,
  RejectStore,
  UserStore,
} from './data/contract.ts';
import type { PopularityStore } from './data/popularity-contract.ts';
import type { IdempotencyStore, JobStore, ScheduleStore, WorkerStore } from './jobs/contract.ts';
import type { SweepStore } from './jobs/sweep.ts';
import type {
  ExternalTeacherStore,
  ModelStore,
  PolicyStore,
  RuleStore,
  ServedStore,
} from './registry/contract.ts';

/** Everything that is kept in SQL. What a caller was told is stored is on disk. */
export interface Store {
  interactions: InteractionStore;
  catalogue: CatalogueStore;
  exports: ExportStore;
  backup: BackupStore;
  popularity: PopularityStore;
  deletions: DeletionStore;
  users: UserStore;
  rejects: RejectStore;
  eventTypes: EventTypeStore;
  jobs: JobStore;
  models: ModelStore;
  workers: WorkerStore;
  idempotency: IdempotencyStore;
  rules: RuleStore;
  policies: PolicyStore;
  externalTeachers: ExternalTeacherStore;
  served: ServedStore;
  schedules: ScheduleStore;
  sweeps: SweepStore;
  /**
   * Rejects with problem('store-unavailable') when the database cannot be read. One that cannot be written does
   * not count: recommendations go on without, and each write says so itself.
   */
  ping(): Promise<void>;
  close(): Promise<void>;
}
