import type { Config } from '../core/config.ts';
import type { Logger } from '../core/logger.ts';
import { openWorkerPort, type WorkerPort, type WorkerPortOptions } from '../worker/port/worker-port.ts';

/**
 * Opens WORKER_PORT of a worker or a consumer; undefined where it is not set.
 * @param served ready where the database answers and there is no reason against it
 */
export async function openHealthPort(
  { host, workerPort }: Pick<Config, 'host' | 'workerPort'>,
  served: {
    store: { ping(): Promise<void> };
    registry: WorkerPortOptions['registry'];
    whyNotReady(): string | null;
    role: string;
    logger: Logger;
  },
): Promise<WorkerPort | undefined> {
  if (workerPort === undefined) return undefined;
  const { store, role, logger, registry, whyNotReady } = served;
  const port = await openWorkerPort({
    ...{ host, port: workerPort, registry },
    whyNotReady: async () => {
      await store.ping();
      return whyNotReady();
    },
  });
  logger.info({ port: port.port }, `health and metrics of this ${role} are served`);
  return port;
}
