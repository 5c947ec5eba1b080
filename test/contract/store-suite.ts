import { describe } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import { catalogueSuite } from './store-catalogue.ts';
import { consumedSuite } from './store-consumed.ts';
import { deletionsSuite } from './store-deletions.ts';
import { driftSuite } from './store-drift.ts';
import { exportsSuite } from './store-exports.ts';
import { idempotencySuite } from './store-idempotency.ts';
import { interactionsSuite } from './store-interactions.ts';
import { jobsSuite } from './store-jobs.ts';
import { keysSuite } from './store-keys.ts';
import { modelsSuite } from './store-models.ts';
import { noticesSuite } from './store-notices.ts';
import { popularitySuite } from './store-popularity.ts';
import { releasesSuite } from './store-releases.ts';
import { servingSuite } from './store-serving.ts';
import { sweepSuite } from './store-sweep.ts';
import { trafficSuite } from './store-traffic.ts';
import { usersSuite } from './store-users.ts';
import { webhooksSuite } from './store-webhooks.ts';
import { workersSuite } from './store-workers.ts';

export interface StoreUnderTest {
  /** Opens an empty database for the running test. Every later call opens the same one again, as a second process would. */
  database(now?: () => number): Promise<() => Promise<Store>>;
}

/** What every engine must do. An engine joins by calling this from its own test file. */
export function storeSuite(engine: string, subject: StoreUnderTest): void {
  describe(`the store on ${engine}`, () => {
    interactionsSuite(subject);
    catalogueSuite(subject);
    exportsSuite(subject);
    deletionsSuite(subject);
    usersSuite(subject);
    jobsSuite(subject);
    idempotencySuite(subject);
    modelsSuite(subject);
    releasesSuite(subject);
    workersSuite(subject);
    servingSuite(subject);
    popularitySuite(subject);
    keysSuite(subject);
    noticesSuite(subject);
    webhooksSuite(subject);
    trafficSuite(subject);
    driftSuite(subject);
    sweepSuite(subject);
    consumedSuite(subject);
  });
}
