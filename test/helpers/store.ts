import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import type { NewVersion } from '../../src/domain/answers/model.ts';
import type { StoredItem } from '../../src/domain/data/catalogue.ts';
import type { StoredInteraction } from '../../src/domain/data/interaction.ts';
import { createStore } from '../../src/store/create-store.ts';
import type { NewJob } from '../../src/store/jobs/contract.ts';
import type { Store } from '../../src/store/store.ts';

/** A folder of the running test alone; removed when it ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'stillhouse-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Opens the store of a file or an address for the running test; closed when it ends. */
export async function openStore(place: string, now?: () => number): Promise<Store> {
  const url = place.startsWith('postgres:') ? place : `sqlite:${place}`;
  const store = await createStore(url, undefined, now);
  onTestFinished(() => store.close());
  return store;
}

export function interaction(part: Partial<StoredInteraction> = {}): StoredInteraction {
  return {
    userId: 'ann',
    itemId: 'film-1',
    type: 'click',
    value: null,
    timestamp: 1000,
    eventId: null,
    ...part,
  };
}

export function item(itemId: string, part: Partial<StoredItem> = {}): StoredItem {
  return {
    itemId,
    title: null,
    categories: [],
    labels: [],
    features: {},
    hidden: false,
    availableFrom: null,
    availableUntil: null,
    ...part,
  };
}

export function distillationJob(id: string, model = 'movies'): NewJob {
  return { id, type: 'distillation', model, spec: { model } };
}

export function newVersion(part: Partial<NewVersion> = {}): NewVersion {
  return {
    model: 'movies',
    jobId: 'job-1',
    artifact: 'models/movies/job-1',
    bytes: 1000,
    items: 10,
    dimensions: 4,
    summary: { metrics: { student: { 'ndcg@10': 0.3 } }, compressionRatio: 12 },
    ...part,
  };
}
