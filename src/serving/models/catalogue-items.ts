import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ItemFeatureWeights, QuantizedRows } from '../../artifact/student/student-weights.ts';
import { hashOfColumns } from '../../core/hash.ts';
import type { Sliced } from '../../core/slices.ts';
import type { StoredItem } from '../../domain/data/catalogue.ts';
import { type Bags, encodeAll } from '../../features/encoding.ts';
import { createHashTest } from '../../scoring/item-hash.ts';
import { withNewItems } from '../../scoring/new-items.ts';
import { indexRows, type RowIndex } from '../../scoring/row-index.ts';
import { packStudentRows } from '../../scoring/student-scorer.ts';
import type { PreparedStudent } from '../threads/prepare-student.ts';

/** The catalogue, as far as it has items that a model was not trained on. */
export interface CatalogueSource {
  /** Grows with every change to an item. */
  itemsRevision(): Promise<number>;
  /** Reads all items, page by page. */
  items(after: number | undefined, limit: number): Promise<{ rows: StoredItem[]; next: number | null }>;
}

/** Items that are new to a model, and what is said of them. */
export interface NewItems {
  revision: number;
  ids: string[];
  bags: Bags;
  /** Hash of ids and bags. */
  hash: string;
}

const PAGE = 250;

export async function readNewItems(
  source: CatalogueSource,
  rowOf: RowIndex,
  { encoding, leftOut }: Pick<ItemFeatureWeights, 'encoding' | 'leftOut'>,
): Promise<NewItems> {
  const isLeftOut = createHashTest(leftOut);
  // Asked first: what is read is at least as new.
  const revision = await source.itemsRevision();
  const found: StoredItem[] = [];
  let after: number | null | undefined;
  do {
    const page = await source.items(after ?? undefined, PAGE);
    found.push(...page.rows.filter(({ itemId }) => !rowOf.has(itemId) && !isLeftOut(itemId)));
    after = page.next;
    await nextTurn();
  } while (after !== null);
  const described = saidOf(found, encodeAll(encoding, found));
  const ids = described.map(({ itemId }) => itemId);
  const bags = encodeAll(encoding, described);
  const hash = hashOfColumns(JSON.stringify(ids), [bags.indptr, bags.indices, bags.values]);
  return { revision, ids, bags, hash };
}

/** Items of which the model understands nothing would all have one row, and flood lists with it. */
function saidOf(items: readonly StoredItem[], { indptr }: Bags): StoredItem[] {
  return items.filter((_, i) => indptr[i + 1]! > indptr[i]!);
}

/** The student with the new items behind its own. */
export function* addItems(
  student: PreparedStudent,
  { ids, bags }: NewItems,
  scratches: number,
): Sliced<PreparedStudent & { alike?: QuantizedRows }> {
  if (ids.length === 0) return student;
  const { alike, ...weights } = withNewItems(student.weights, bags);
  const items = [...student.items, ...ids];
  const rowOf = yield* indexRows(items);
  const packed = yield* packStudentRows(weights, scratches);
  return { ...student, weights, alike, items, rowOf, packed };
}
