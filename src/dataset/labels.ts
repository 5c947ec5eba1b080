import { createHash } from 'node:crypto';
import { problem } from '../core/errors.ts';
import type { TrainingSource } from '../domain/data/interaction-source.ts';
import type { Weighting } from '../domain/data/weighting.ts';
import { knownLabels, type Labelled, noLabels, unknownNames } from '../domain/tasks/known-labels.ts';
import type { LabelsSpec } from '../domain/tasks/labels-spec.ts';
import { buildDataset, type Dataset } from './build.ts';
import { companionsOf } from './companions.ts';
import type { DataFilter } from './filter.ts';
import type { Csr } from './matrix.ts';
import { newestOf } from './newest-rows.ts';
import { keepNewest } from './split/newest.ts';

/** Items or users with what they do, what is said of them, and the labels that are known. */
export interface LabelledData {
  /**
   * Ids of the rows: first the entities with interactions, then those of which only features are known, each part in order of id.
   */
  entities: string[];
  /** [entities, items] what was taken, or taken together with it. */
  behaviour: Csr;
  /** Description of each entity in the catalogue; null where there is none. */
  described: (Labelled | null)[];
  labels: string[];
  /** [entities, labels] */
  known: Csr;
  /** [entities] 1 where labels are known, be it none of those that are learnt; of the others nothing is known. */
  isKnown: Uint8Array;
  items: string[];
  /** [items] users of each. */
  takers: Float32Array;
  /** Labels that were left out, and why. */
  leftOut: { label: string; count: number; reason: 'rare' | 'everywhere' }[];
  hash: string;
}

export interface LabelOptions {
  labels: LabelsSpec & { minimum: number };
  filter: DataFilter;
  /** Most items that are read of a history, the newest ones, and most companions of an item. */
  most: number;
}

/**
 * @throws problem('not-enough-data') where nothing is labelled or no label tells entities apart, problem('invalid-job') for
 *   names that are no labels of the data
 */
export async function buildLabels(
  source: TrainingSource,
  weighting: Weighting,
  { labels: spec, filter, most }: LabelOptions,
): Promise<LabelledData> {
  const dataset = await buildDataset(source, weighting, { filter });
  const described = await readDescribed(source, spec.of);
  const acting = spec.of === 'items' ? dataset.items : dataset.users;
  const labelled = new Map([...described].map(([id, entity]) => [id, knownLabels(entity, spec.from)]));
  const cold = [...labelled.keys()].filter((id) => labelled.get(id)!.length > 0).sort();
  const entities = [...new Set([...acting, ...cold])];
  const chosen = chooseLabels([...labelled.values()], spec);
  const said = entities.map((id) => described.get(id) ?? null);
  const histories = keepNewest(dataset.matrix, { matrix: dataset.matrix, ...newestOf(dataset) }, most);
  const takers = new Float32Array(dataset.items.length);
  for (const item of dataset.matrix.indices) takers[item]!++;
  const own = spec.of === 'items' ? companionsOf(histories, takers, most) : histories;
  return {
    entities,
    behaviour: { ...own, rows: entities.length, indptr: extended(own.indptr, entities.length) },
    described: said,
    ...chosen,
    known: rowsOf(
      entities.map((id) => labelled.get(id) ?? []),
      chosen.labels,
    ),
    isKnown: Uint8Array.from(entities, (id) => Number((labelled.get(id)?.length ?? 0) > 0)),
    items: dataset.items,
    takers,
    hash: hashOfLabels(dataset, said),
  };
}

async function readDescribed(source: TrainingSource, of: LabelsSpec['of']): Promise<Map<string, Labelled>> {
  const found = new Map<string, Labelled>();
  if (of === 'users') {
    for await (const page of source.users()) for (const user of page) found.set(user.userId, user);
    return found;
  }
  for await (const page of source.items()) for (const item of page) found.set(item.itemId, item);
  return found;
}

function chooseLabels(
  labelled: readonly string[][],
  { of, from, names, minimum }: LabelOptions['labels'],
): Pick<LabelledData, 'labels' | 'leftOut'> {
  const counts = new Map<string, number>();
  for (const own of labelled) for (const label of own) counts.set(label, (counts.get(label) ?? 0) + 1);
  const all = labelled.filter((own) => own.length > 0).length;
  if (all === 0) throw noLabels(of, from);
  const strange = (names ?? []).filter((name) => !counts.has(name));
  if (strange.length > 0) throw unknownNames(strange, [...counts.keys()], from);
  const wanted = names ?? [...counts.keys()];
  const leftOut: LabelledData['leftOut'] = [];
  for (const label of wanted) {
    const count = counts.get(label)!;
    if (count < minimum) leftOut.push({ label, count, reason: 'rare' });
    else if (count === all) leftOut.push({ label, count, reason: 'everywhere' });
  }
  const labels = wanted.filter((label) => !leftOut.some((one) => one.label === label)).sort();
  if (labels.length > 0) return { labels, leftOut };
  const reasons = leftOut.slice(0, 5).map(({ label, count }) => `${JSON.stringify(label)} is on ${count}`);
  throw problem(
    'not-enough-data',
    `No label of ${from} tells ${of} apart: of ${all} with labels ${reasons.join(', ')}; a label is needed that at least labels.minimum ${minimum} have and not all`,
  );
}

function rowsOf(labelled: readonly (readonly string[])[], labels: readonly string[]): Csr {
  const place = new Map(labels.map((label, at) => [label, at]));
  const indptr = new Int32Array(labelled.length + 1);
  const indices: number[] = [];
  for (const [row, own] of labelled.entries()) {
    const places = own.map((label) => place.get(label)).filter((at) => at !== undefined);
    indices.push(...places.sort((a, b) => a - b));
    indptr[row + 1] = indices.length;
  }
  const values = new Float32Array(indices.length).fill(1);
  return { rows: labelled.length, columns: labels.length, indptr, indices: Int32Array.from(indices), values };
}

/** Empty rows at the end. */
function extended(indptr: Int32Array, rows: number): Int32Array {
  const longer = new Int32Array(rows + 1).fill(indptr.at(-1)!);
  longer.set(indptr);
  return longer;
}

/** Returns the hash of a data set together with the labels and features of its entities. */
function hashOfLabels(dataset: Dataset, described: readonly (Labelled | null)[]): string {
  const hash = createHash('sha256').update(dataset.hash);
  for (const entity of described) hash.update(`${JSON.stringify(entity)}\n`);
  return hash.digest('hex');
}
