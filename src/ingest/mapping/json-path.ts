/** A way into a JSON value: `properties.product_id`, or `items[].id` for an entry of a list. */
export interface JsonPath {
  source: string;
  /** Path to the list whose entries become rows; undefined where the record is one row. */
  list: string[] | undefined;
  /** Path from the record, or from the entry; empty for the entry itself. */
  path: string[];
}

/** @returns undefined for a path with more than one list */
export function jsonPath(source: string): JsonPath | undefined {
  const parts = source.split('[]');
  if (parts.length > 2) return undefined;
  const [before = '', after] = parts;
  const names = (text: string) => text.split('.').filter((name) => name !== '');
  if (after === undefined) return { source, list: undefined, path: names(source) };
  return { source, list: names(before), path: names(after) };
}

/** A member whose own name has dots comes before the path that reads so. A number is the place in a list. */
export function valueAt(value: unknown, source: string, path: readonly string[]): unknown {
  if (typeof value === 'object' && value !== null && path.length > 1 && Object.hasOwn(value, source)) {
    return (value as Record<string, unknown>)[source];
  }
  let at = value;
  for (const name of path) {
    // `when.$date` where `{"$date": ...}` is unwrapped already.
    if (isWrapper(name) && at !== null && typeof at !== 'object') continue;
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Record<string, unknown>)[name];
  }
  return at;
}

const isWrapper = (name: string) => /^\$(oid|date|number(Long|Int|Double|Decimal))$/.test(name);
