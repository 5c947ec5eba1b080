// The thread of the api that plans jobs: it reads the data on a connection of its own, and loads no TensorFlow.
import { parentPort, workerData } from 'node:worker_threads';
import { createArtifactStore } from '../artifact/store/create-store.ts';
import { readConfig } from '../core/config.ts';
import { messageOf } from '../core/errors.ts';
import type { PlannerQuestion, PlannerReply, PlannerSettings } from '../http/jobs/planner-messages.ts';
import { createStore } from '../store/create-store.ts';
import { makePlans } from '../training/plan/make-plans.ts';

const { databaseUrl, artifactsUrl, memoryMiB } = workerData as PlannerSettings;
const store = createStore(databaseUrl);
const artifacts = createArtifactStore({ ...readConfig(), artifactsUrl });
// A failure is told to whoever asks.
store.catch(() => {});

/** One at a time: a plan of much data takes some seconds and some memory. */
let before: Promise<void> = Promise.resolve();
parentPort!.on('message', (question: PlannerQuestion) => {
  before = before.then(() => answer(question));
});

async function answer({ id, ...question }: PlannerQuestion): Promise<void> {
  const planning = store.then((open) => makePlans({ store: open, artifacts, memoryMiB }, question));
  const reply = await planning.then(
    (plans): PlannerReply => ({ id, plans }),
    (error): PlannerReply => ({ id, failed: messageOf(error) }),
  );
  parentPort!.postMessage(reply);
}
