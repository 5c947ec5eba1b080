import type { Snapshots, TrainingSource } from '../../src/domain/data/interaction-source.ts';
import type { Upload } from './data-sets.ts';

/** Uploads as training reads them from the store, without a store. */
export function csvSource(uploads: readonly Upload[]): Snapshots {
  const keys = {
    users: new Map<string, number>(),
    items: new Map<string, number>(),
    types: new Map<string, number>(),
  };
  const keyOf = (kind: keyof typeof keys, text: string) => {
    const map = keys[kind];
    const known = map.get(text);
    if (known !== undefined) return known;
    map.set(text, map.size + 1);
    return map.size;
  };
  const columns: number[][] = [[], [], [], [], []];
  for (const { csv, type } of uploads) {
    const [header = '', ...lines] = csv.trimEnd().split('\n');
    const at = Object.fromEntries(header.split(',').map((name, i) => [name, i]));
    for (const line of lines) {
      const cells = line.split(',');
      const value = cells[at.rating ?? at.value ?? -1];
      const time = cells[at.timestamp ?? -1];
      columns[0]!.push(keyOf('users', cells[at.userId!]!));
      columns[1]!.push(keyOf('items', cells[at.itemId!]!));
      columns[2]!.push(keyOf('types', type ?? (at.rating !== undefined ? 'rating' : 'none')));
      columns[3]!.push(value ? Number(value) : Number.NaN);
      columns[4]!.push(time ? Number(time) * 1000 : Number.NaN);
    }
  }
  const source: TrainingSource = {
    async *interactions() {
      yield {
        length: columns[0]!.length,
        userKey: Int32Array.from(columns[0]!),
        itemKey: Int32Array.from(columns[1]!),
        typeKey: Int32Array.from(columns[2]!),
        value: Float64Array.from(columns[3]!),
        timestamp: Float64Array.from(columns[4]!),
      };
    },
    async dictionary(kind) {
      return new Map([...keys[kind]].map(([text, key]) => [key, text]));
    },
    async *items() {},
    async *users() {},
  };
  return { snapshot: (read) => read(source) };
}
