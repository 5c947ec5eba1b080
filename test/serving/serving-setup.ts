import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createFsStore } from '../../src/artifact/store/fs-store.ts';
import type { ArtifactStore } from '../../src/artifact/store/store.ts';
import type { LabelStudent } from '../../src/artifact/student/label-student.ts';
import type { StudentWeights } from '../../src/artifact/student/student-weights.ts';
import { createLogger } from '../../src/core/logger.ts';
import type { RegisteredVersion } from '../../src/domain/answers/model.ts';
import type { StoredInteraction } from '../../src/domain/data/interaction.ts';
import { createStore } from '../../src/store/create-store.ts';
import type { Store } from '../../src/store/store.ts';
import { labelFiles } from '../artifact/sample-labels.ts';
import { sampleFiles } from '../artifact/sample-student.ts';

export const ALIAS = 'stable';
export const logger = createLogger('test', 'silent');

/** A real database and a real artifact folder of their own. */
export interface ServingSetup {
  store: Store;
  artifacts: ArtifactStore;
  /** Stores the artifact, lets `spoil` damage it, and registers it as the model's next version behind the alias. */
  publish(
    model: string,
    weights: StudentWeights,
    spoil?: (files: Map<string, Buffer>) => void,
  ): Promise<RegisteredVersion>;
  /** The same for a student that predicts labels. */
  publishLabels(
    model: string,
    student: LabelStudent,
    spoil?: (files: Map<string, Buffer>) => void,
  ): Promise<RegisteredVersion>;
  close(): Promise<void>;
}

/** @param databaseUrl by default a file of SQLite of its own */
export async function setUpServing(databaseUrl?: string): Promise<ServingSetup> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'stillhouse-serving-'));
  const store = await createStore(databaseUrl ?? `sqlite:${path.join(folder, 'test.db')}`);
  const artifacts = createFsStore(`file:${path.join(folder, 'artifacts')}`);
  let jobs = 0;
  async function put(
    model: string,
    files: Map<string, Buffer>,
    shape: { items: number; dimensions: number },
  ): Promise<RegisteredVersion> {
    const jobId = `job-${++jobs}`;
    const artifact = `models/${model}/${jobId}`;
    await artifacts.putFolder(artifact, files);
    const summary = { metrics: {}, compressionRatio: 10 };
    return store.models.publish({ model, jobId, artifact, bytes: 1, ...shape, summary }, ALIAS);
  }
  return {
    store,
    artifacts,
    async publish(model, weights, spoil) {
      const files = sampleFiles(weights, model);
      spoil?.(files);
      return put(model, files, { items: weights.itemsOut.rows, dimensions: weights.itemsOut.width });
    },
    async publishLabels(model, student, spoil) {
      const files = labelFiles(student, model);
      spoil?.(files);
      return put(model, files, { items: student.items.length, dimensions: student.out.width });
    },
    async close() {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export function truncate(file: string): (files: Map<string, Buffer>) => void {
  return (files) => files.set(file, files.get(file)!.subarray(0, -3));
}

export function interaction(
  userId: string,
  itemId: string,
  more: Partial<StoredInteraction> = {},
): StoredInteraction {
  return { userId, itemId, type: 'click', value: null, timestamp: null, eventId: null, ...more };
}
