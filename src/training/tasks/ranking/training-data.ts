import { hashOf } from '../../../core/hash.ts';
import { type BuildOptions, buildDataset, type Dataset } from '../../../dataset/build.ts';
import { type ColdItems, holdOutItems, withColdItems } from '../../../dataset/hold-out-items.ts';
import { type Csr, stackRows } from '../../../dataset/matrix.ts';
import { newestOf } from '../../../dataset/newest-rows.ts';
import { encodeSide, hashOfSide, readDescriptions, type SideInputs } from '../../../dataset/side-inputs.ts';
import { keepNewest } from '../../../dataset/split/newest.ts';
import type { TrainingSource } from '../../../domain/data/interaction-source.ts';
import type { Weighting } from '../../../domain/data/weighting.ts';
import type { CompleteDistillation } from '../../../domain/jobs/complete-distillation.ts';
import { encodeAll } from '../../../features/encoding.ts';

/** All that a job trains on and is tested with, as of one moment. */
export interface TrainingData {
  dataset: Dataset;
  /** Items that are held out entirely. */
  cold?: ColdItems & {
    /** [cold items, columns] what is said of them. */
    bags: Csr;
    /** Hidden ones among all items, the cold ones last. */
    hidden?: Int32Array;
  };
  /** Side inputs, and of everything in them that weights depend on the hash. */
  features?: SideInputs & { hash: string };
  /** Returns the data with the cold items, which come last; for a refit. */
  whole(): { items: string[]; matrix: Csr; features?: SideInputs };
  /** [users, items] of the matrix of `whole` the newest `limit` pairs of each user; all of them where items are cold. */
  newest(limit: number): Csr;
}

/** The data with the items that nobody is shown, which its hash depends on. @param hidden rows of all items, the cold ones last */
export function withHidden(data: TrainingData, hidden: Int32Array): TrainingData {
  if (hidden.length === 0) return data;
  const { dataset, cold } = data;
  const known = hidden.filter((row) => row < dataset.items.length);
  return {
    ...data,
    dataset: { ...dataset, hidden: known, hash: hashOf(dataset.hash, [...hidden]) },
    ...(cold && { cold: { ...cold, hidden } }),
  };
}

/** @throws problem('not-enough-data') as buildDataset, problem('invalid-job') for features that the data does not have */
export async function readTrainingData(
  source: TrainingSource,
  { features: wanted, evaluation, distillation }: CompleteDistillation,
  weighting: Weighting,
  how: BuildOptions,
  warn?: (message: string) => void,
): Promise<TrainingData> {
  const read = await buildDataset(source, weighting, how);
  if (!wanted) {
    return {
      dataset: read,
      whole: () => ({ items: read.items, matrix: read.matrix }),
      newest: (limit) => newestPairs(read, limit),
    };
  }
  const described = await readDescriptions(source, wanted, read);
  const { dataset, cold } = holdOutItems(read, evaluation.coldItems ?? 0, distillation.seed);
  const place = new Map(read.items.map((id, item) => [id, item]));
  // Of an item of which nothing is said there is still what all have in common.
  const ofItems = (ids: readonly string[]) =>
    ids.map((id) => described.items![place.get(id)!] ?? { features: {} });
  const items =
    wanted.items && encodeSide('item', wanted.items, wanted.buckets, ofItems(dataset.items), warn);
  const users = wanted.users && encodeSide('user', wanted.users, wanted.buckets, described.users!, warn);
  if (users) dataset.matrix = { ...dataset.matrix, side: users.bags };
  const coldBags = items && cold && encodeAll(items.encoding, ofItems(cold.ids));
  const features = {
    ...(items && { items: { ...items, hide: wanted.hideItems! } }),
    ...(users && { users: { encoding: users.encoding, hide: wanted.hideUsers! } }),
  };
  const hashes = [items, users].map((side) => (side ? hashOfSide(side) : ''));
  return {
    dataset,
    ...(cold && coldBags && { cold: { ...cold, bags: coldBags } }),
    features: { ...features, hash: [...hashes, wanted.hideItems, wanted.hideUsers].join() },
    newest: (limit) => (cold ? withColdItems(dataset.matrix, cold) : newestPairs(dataset, limit)),
    whole: () => ({
      items: [...dataset.items, ...(cold?.ids ?? [])],
      matrix: withColdItems(dataset.matrix, cold),
      features: {
        ...features,
        ...(features.items && {
          items: {
            ...features.items,
            bags: coldBags ? stackRows(features.items.bags, coldBags) : features.items.bags,
          },
        }),
      },
    }),
  };
}

function newestPairs(dataset: Dataset, limit: number): Csr {
  return keepNewest(dataset.matrix, { matrix: dataset.matrix, ...newestOf(dataset) }, limit);
}
