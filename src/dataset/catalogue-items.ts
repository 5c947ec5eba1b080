import type { TrainingSource } from '../domain/data/interaction-source.ts';
import type { Described } from '../features/values.ts';

/** The catalogue's words on items, as a job read them. */
export interface CatalogueItems {
  /** [items of the data set] null where nothing is stored. */
  described: (Described | null)[];
  /** Items that no interaction is of. */
  fresh: number;
  /** Ids of items of which there are interactions, but none that counts. */
  leftOut: string[];
}

/** @param touched keys of items that any interaction is of */
export async function readCatalogueItems(
  source: TrainingSource,
  items: readonly string[],
  touched: ReadonlySet<number>,
): Promise<CatalogueItems> {
  const rows = new Map(items.map((id, row) => [id, row]));
  const names = await source.dictionary('items');
  const known = new Set(Array.from(touched, (key) => names.get(key)));
  const described = new Array<Described | null>(items.length).fill(null);
  const leftOut: string[] = [];
  let fresh = 0;
  for await (const page of source.items()) {
    for (const item of page) {
      const row = rows.get(item.itemId);
      if (row !== undefined) described[row] = item;
      else if (known.has(item.itemId)) leftOut.push(item.itemId);
      else fresh++;
    }
  }
  return { described, fresh, leftOut };
}

/** The source, noting the keys of all items that it has interactions of. */
export function notingItems(source: TrainingSource, touched: Set<number>): TrainingSource {
  return {
    ...source,
    async *interactions(options) {
      for await (const chunk of source.interactions(options)) {
        for (let i = 0; i < chunk.length; i++) touched.add(chunk.itemKey[i]!);
        yield chunk;
      }
    },
  };
}
