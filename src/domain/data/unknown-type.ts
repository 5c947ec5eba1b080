const MOST_TYPES = 100;
const MOST_WARNINGS = 10;

/** Tells the sender of an import that rows of a type are stored and change nothing. */
export function unknownTypeWarning(type: string): string {
  const name = encodeURIComponent(type);
  return `Nobody says what ${type} means: its rows are stored and do not count until PUT /event-types/${name} declares it, or dataset.events of a job; types=${type}:click reads it as another type`;
}

/** @param rows number of stored rows of each type of which nobody says what it means */
export function saidOfUnknownTypes(rows: ReadonlyMap<string, number> = new Map()) {
  if (rows.size === 0) return {};
  const most = [...rows].sort(([, a], [, b]) => b - a).slice(0, MOST_TYPES);
  return {
    unknownTypes: Object.fromEntries(most),
    warnings: most.slice(0, MOST_WARNINGS).map(([type]) => unknownTypeWarning(type)),
  };
}
