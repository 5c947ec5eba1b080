import type { AuditStore } from './audit/contract.ts';
import type { BackupStore } from './backup/contract.ts';
import type { ConsumedStore } from './consumed/contract.ts';
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
import type { DriftStore } from './drift/contract.ts';
import type { IdempotencyStore, JobStore, ScheduleStore, WorkerStore } from './jobs/contract.ts';
import type { SweepStore } from './jobs/sweep.ts';
import type { KeyStore } from './keys/contract.ts';
import type { NoticeStore, WebhookStore } from './notices/contract.ts';
import type {
  ExternalTeacherStore,
  ModelStore,
  PolicyStore,
  RuleStore,
  ServedStore,
} from './registry/contract.ts';
import type { TrafficStore } from './registry/traffic-contract.ts';

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
  traffic: TrafficStore;
  schedules: ScheduleStore;
  keys: KeyStore;
  audit: AuditStore;
  notices: NoticeStore;
  webhooks: WebhookStore;
  drift: DriftStore;
  sweeps: SweepStore;
  consumed: ConsumedStore;
  /**
   * Rejects with problem('store-unavailable') when the database cannot be read. One that cannot be written does
   * not count: recommendations go on without, and each write says so itself.
   */
  ping(): Promise<void>;
  /** Looks through the whole database and says what is wrong with it, a sentence each; PostgreSQL checks itself. */
  faults(): Promise<string[]>;
  /** Connections of a pool: open, idle, and callers that wait for one. Absent where there is no pool. */
  connections?(): { open: number; idle: number; waiting: number };
  close(): Promise<void>;
}
