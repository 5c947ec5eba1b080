import { hashOf } from '../../../core/hash.ts';
import { type BuildOptions, buildDataset, type Dataset } from '../../../dataset/build.ts';
import { type CatalogueItems, notingItems, readCatalogueItems } from '../../../dataset/catalogue-items.ts';
import { type ColdItems, holdOutItems, withColdItems } from '../../../dataset/hold-out-items.ts';
import { type Csr, stackRows } from '../../../dataset/matrix.ts';
import { newestOf } from '../../../dataset/newest-rows.ts';
import {
  type EncodedSide,
  encodeSide,
  hashOfSide,
  readUsers,
  type SideInputs,
} from '../../../dataset/side-inputs.ts';
import { keepNewest } from '../../../dataset/split/newest.ts';
import type { TrainingSource } from '../../../domain/data/interaction-source.ts';
import type { Weighting } from '../../../domain/data/weighting.ts';
import type { CompleteDistillation } from '../../../domain/jobs/complete-distillation.ts';
import { trainsOnFeatures } from '../../../domain/tasks/features-spec.ts';
import { encodeAll } from '../../../features/encoding.ts';
import type { Described } from '../../../features/values.ts';

type CompleteFeatures = NonNullable<CompleteDistillation['features']>;

/** All that a job trains on and is tested with, as of one moment. */
export interface TrainingData {
  dataset: Dataset;
  /** Items that are held out entirely. */
  cold?: ColdItems & {
    /** The catalogue's words on each. */
    described: readonly Described[];
    /** [cold items, columns] the same as the job's features have it, where it reads those of items. */
    bags?: Csr;
    /** Hidden ones among all items, the cold ones last. */
    hidden?: Int32Array;
  };
  catalogue: CatalogueItems;
  /** Encoded fields that the job names, whether it trains on them or reads them for newcomers alone. */
  said?: { items?: EncodedSide; users?: EncodedSide };
  /** Side inputs of training, and the hash of all in them that weights depend on. */
  features?: SideInputs & { hash: string };
  /** Returns the data with the cold items, which come last; for a refit. */
  whole(): { items: string[]; matrix: Csr; catalogue: CatalogueItems; features?: SideInputs };
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
  const touched = new Set<number>();
  const read = await buildDataset(notingItems(source, touched), weighting, how);
  const all = await readCatalogueItems(source, read.items, touched);
  const users = wanted?.users && (await readUsers(source, read.users));
  const { dataset, cold } = holdOutItems(read, evaluation.coldItems ?? 0, distillation.seed);
  const place = new Map(read.items.map((id, item) => [id, item]));
  const describedOf = (ids: readonly string[]) => ids.map((id) => all.described[place.get(id)!]!);
  // Of an item of which nothing is said there is still what all have in common.
  const ofItems = (ids: readonly string[]) => describedOf(ids).map((one) => one ?? { features: {} });
  const coldDescribed = cold && ofItems(cold.ids);
  const sides = wanted && encodeSides(wanted, ofItems(dataset.items), users, warn);
  if (sides?.users) dataset.matrix = { ...dataset.matrix, side: sides.users.bags };
  const trains = trainsOnFeatures(wanted);
  const coldBags = trains && sides?.items && coldDescribed && encodeAll(sides.items.encoding, coldDescribed);
  const features = trains && sides ? sideInputs(wanted!, sides) : undefined;
  const catalogue = { ...all, described: describedOf(dataset.items) };
  return {
    dataset,
    catalogue,
    ...(cold &&
      coldDescribed && { cold: { ...cold, described: coldDescribed, ...(coldBags && { bags: coldBags }) } }),
    ...(sides && { said: sides }),
    ...(features && { features }),
    newest: (limit) => (cold ? withColdItems(dataset.matrix, cold) : newestPairs(dataset, limit)),
    whole: () => {
      const items = [...dataset.items, ...(cold?.ids ?? [])];
      return {
        items,
        matrix: withColdItems(dataset.matrix, cold),
        catalogue: { ...all, described: describedOf(items) },
        ...(features && { features: coldBags ? withMoreItems(features, coldBags) : features }),
      };
    },
  };
}

function encodeSides(
  { items, users, buckets }: CompleteFeatures,
  ofItems: readonly Described[],
  ofUsers: readonly (Described | null)[] | undefined,
  warn?: (message: string) => void,
) {
  return {
    ...(items && { items: encodeSide('item', items, buckets, ofItems, warn) }),
    ...(users && ofUsers && { users: encodeSide('user', users, buckets, ofUsers, warn) }),
  };
}

function sideInputs(
  { hideItems, hideUsers }: CompleteFeatures,
  { items, users }: ReturnType<typeof encodeSides>,
): NonNullable<TrainingData['features']> {
  const hashes = [items, users].map((side) => (side ? hashOfSide(side) : ''));
  return {
    ...(items && { items: { ...items, hide: hideItems! } }),
    ...(users && { users: { encoding: users.encoding, hide: hideUsers! } }),
    hash: [...hashes, hideItems, hideUsers].join(),
  };
}

function withMoreItems({ items, ...others }: SideInputs, bags: Csr): SideInputs {
  return { ...others, ...(items && { items: { ...items, bags: stackRows(items.bags, bags) } }) };
}

function newestPairs(dataset: Dataset, limit: number): Csr {
  return keepNewest(dataset.matrix, { matrix: dataset.matrix, ...newestOf(dataset) }, limit);
}
