import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from '../../core/logger.ts';
import type { Snapshots } from '../../domain/data/interaction-source.ts';
import type { CompleteDistillation } from '../../domain/jobs/complete-distillation.ts';
import { planFilter } from '../run/plan-job.ts';
import { checkParquet, unreadable } from './check-parquet.ts';
import { openDuck } from './duck.ts';
import { findParquet, type SourcePlaces } from './find-files.ts';
import { openParquet } from './parquet-source.ts';

interface SourceDeps {
  dataset: CompleteDistillation['dataset'];
  /** Where items and users come from. */
  interactions: Snapshots;
  /** Removed when the source is closed. */
  places: SourcePlaces;
  /** Memory that the trainer may take in all; DuckDB takes a part. */
  memoryMiB: number | undefined;
  signal: AbortSignal;
  warn(message: string): void;
  logger: Logger;
}

export interface Source {
  interactions: Snapshots;
  close(): Promise<void>;
}

const [LEAST_MIB, MOST_MIB] = [256, 2048];
const SHARE = 4;
const THREADS = 2;

/** The interactions of a job: those of the database, or of the files that `dataset.source` names. */
export async function openSource(deps: SourceDeps): Promise<Source> {
  const { dataset, interactions, places, warn, logger, signal, memoryMiB = MOST_MIB * SHARE } = deps;
  const { source } = dataset;
  if (!source) return { interactions, close: async () => {} };
  const { folder } = places;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const files = await findParquet(
      source.parquet,
      { ...places, folder: path.join(folder, 'files') },
      signal,
    );
    await checkParquet(files);
    const forDuck = Math.min(MOST_MIB, Math.max(LEAST_MIB, Math.floor(memoryMiB / SHARE)));
    const duck = await openDuck({ folder, memoryMiB: forDuck, threads: THREADS });
    const paths = files.map((file) => file.path);
    const parquet = await openParquet(duck, paths, source, planFilter({ dataset })).catch(
      (error: unknown) => {
        duck.close();
        throw unreadable(error, files);
      },
    );
    const { counts } = parquet;
    logger.info(counts, 'interactions are read from Parquet');
    if (counts.unusable > 0)
      warn(
        `${counts.unusable} of ${counts.rows} rows in Parquet have no user, item or type, or an id of more than 256 bytes; they are left out`,
      );
    return {
      interactions: {
        snapshot: (read) =>
          interactions.snapshot((stored) =>
            read({ ...stored, interactions: parquet.interactions, dictionary: parquet.dictionary }),
          ),
      },
      async close() {
        duck.close();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
