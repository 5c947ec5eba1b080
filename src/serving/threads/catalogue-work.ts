import type { ArtifactStore } from '../../artifact/store/store.ts';
import type { FindTop, TopQuery } from '../../scoring/find-top.ts';
import type { ScanKernel } from '../../scoring/scan/kernel.ts';
import type { PackedMatrix } from '../../scoring/scan/packed-matrix.ts';
import { createLoadThreads } from './load-in-thread.ts';
import { type PreparedStudent, prepareStudent } from './prepare-student.ts';
import type { ScanThreads } from './scan-threads.ts';

/** Decides where the work on a catalogue is done: that on a large one not in the event loop. */
export interface CatalogueWork {
  /**
   * @param isServing whether requests are answered meanwhile
   * @throws as prepareStudent
   */
  prepare(
    artifacts: Pick<ArtifactStore, 'get'>,
    key: string,
    items: number,
    isServing: boolean,
  ): Promise<PreparedStudent>;
  /** The number of scans of a matrix that may run at the same time. */
  scratches(items: number): number;
  open(packed: PackedMatrix, kernel: ScanKernel): FindTop;
}

/** A scan of as many rows takes a few milliseconds when nothing can be pruned. */
const LARGE_ITEMS = 200_000;
/** Catalogues from this size on are read sooner in a thread, although it has to start first: there, nothing is done in slices. */
const LONG_ITEMS = 25_000;

/** @param threads without them everything is scanned in the event loop */
export function createCatalogueWork(
  threads: ScanThreads | null,
  largeItems = LARGE_ITEMS,
  longItems = LONG_ITEMS,
): CatalogueWork {
  const isLarge = (items: number) => threads !== null && items > largeItems;
  const prepareInThread = createLoadThreads();
  const scratches = (items: number) => 1 + (isLarge(items) ? threads!.size : 0);
  return {
    scratches,
    prepare(artifacts, key, items, isServing) {
      const isAside = threads !== null && (isServing || items > longItems);
      return (isAside ? prepareInThread : prepareStudent)(artifacts, key, scratches(items));
    },
    open(packed, kernel) {
      const here = ({ vector, k, leftOut, mask }: TopQuery) => {
        for (const rows of leftOut) kernel.exclude(rows);
        return kernel.topK(vector, k, mask);
      };
      return isLarge(packed.count) ? threads!.open(packed, here) : here;
    },
  };
}
