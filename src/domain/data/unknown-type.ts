const MOST_TYPES = 100;
const MOST_WARNINGS = 10;

/** Tells whoever sends interactions of a type, or trains on them, that they change nothing. */
export function unknownTypeWarning(type: string): string {
  const name = encodeURIComponent(type);
  return `Nobody says what ${type} means: its interactions are stored and do not count until PUT /event-types/${name} declares it, or dataset.events of a job`;
}

/** Tells the same of a file, whose types can be read as others. */
export function unknownTypeInFile(type: string): string {
  return `${unknownTypeWarning(type)}; types=${type}:click reads it as another type`;
}

/** @param rows number of stored rows of each type of which nobody says what it means */
export function saidOfUnknownTypes(rows: ReadonlyMap<string, number> = new Map()) {
  if (rows.size === 0) return {};
  const most = [...rows].sort(([, a], [, b]) => b - a).slice(0, MOST_TYPES);
  return {
    unknownTypes: Object.fromEntries(most),
    warnings: most.slice(0, MOST_WARNINGS).map(([type]) => unknownTypeInFile(type)),
  };
}
