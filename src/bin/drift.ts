// One check of drift, forked by the worker: it asks a stored teacher, and the worker holds no tensors. It exits when it
// has said what it found, so that its memory comes back.
import { readConfig } from '../core/config.ts';
import { messageOf } from '../core/errors.ts';
import { createLogger } from '../core/logger.ts';
import type { DriftMessage, DriftTask } from '../jobs/drift-contract.ts';

process.on('SIGINT', () => {});
// The worker is gone, maybe killed: nobody would take the result.
process.on('disconnect', () => process.exit(1));
process.once('message', (task) => void main(task as DriftTask));

async function main(task: DriftTask): Promise<void> {
  const message = await measure(task).catch((error): DriftMessage => {
    return { kind: 'failed', reason: messageOf(error) };
  });
  process.send?.(message, undefined, undefined, () => process.exit(0));
}

async function measure(task: DriftTask): Promise<DriftMessage> {
  const { model, sample, tensorBackend, tensorMemoryMiB: memoryMiB } = task;
  const [{ measureDrift }, { createStore }, { createArtifactStore }, { createInstalledEvents }] =
    await Promise.all([
      import('../training/drift/measure-drift.ts'),
      import('../store/create-store.ts'),
      import('../artifact/store/create-store.ts'),
      import('../serving/views/installed-events.ts'),
    ]);
  const config = readConfig();
  const logger = createLogger('drift', config.logLevel);
  const store = await createStore(task.databaseUrl, logger);
  try {
    const figures = await measureDrift(model, sample, {
      store,
      artifacts: createArtifactStore({ ...config, artifactsUrl: task.artifactsUrl }, logger),
      engine: async () => {
        const { createEngine } = await import('../tensor/engine.ts');
        return createEngine({ backend: tensorBackend as 'auto', memoryMiB });
      },
      installed: await createInstalledEvents(store.eventTypes).get(),
      now: Date.now(),
    });
    return { kind: 'measured', figures };
  } finally {
    await store.close();
  }
}
