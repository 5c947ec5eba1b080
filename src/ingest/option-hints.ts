/** Options that a sentence about a row or a file names, or that mend what it says. */
const HINTS: [RegExp, string][] = [
  [/PUT \/event-types/, 'PUT /event-types'],
  [
    /\b(preset|columns|encoding|timestampFormat|timezone|quote|escape|delimiter|nulls|types|values|files|format|names|type)=/,
    '$1',
  ],
  [/^\S+ is missing/, 'columns'],
  [/^type must be a name/, 'types'],
  [/^(value|score) must be a/, 'values'],
  // A format can only fit what has numbers: none reads "yesterday".
  [/^(timestamp|availableFrom|availableUntil) must be .*\d[^"]*"?$/, 'timestampFormat'],
  [/^(categories|labels) must be/, 'listSeparator'],
  [/^the row has \d+ cells?/, 'delimiter'],
  [/not valid JSON/, 'format'],
];

/** The option that mends what is said. */
export function optionFor(sentence: string): string | null {
  for (const [pattern, option] of HINTS) {
    const match = pattern.exec(sentence);
    if (match) return option === '$1' ? match[1]! : option;
  }
  return null;
}

const USUAL_NAMES: [field: string, pattern: RegExp][] = [
  ['userId', /^(user|visitor|customer|client|member|reviewer|account)[ _-]?(id)?$/i],
  [
    'itemId',
    /^(item|product|movie|film|article|book|business|content|song|track|game)[ _-]?(id)?$|^(sku|asin|isbn)$/i,
  ],
  ['rating', /^(rating|stars|overall)$/i],
  ['type', /^(event|action|behaviou?r)[ _-]?(type|name)?$/i],
  ['timestamp', /^(time|date|timestamp|created|when|ts)([ _-]?(at|stamp))?$/i],
];

/**
 * Columns that usually mean a field, as `columns=` takes them. Null where users and items are not among them, and where
 * all of them are taken for these fields already.
 */
export function suggestedColumns(
  columns: readonly { column: string; field: string | null }[],
): string | null {
  const found = USUAL_NAMES.flatMap(([field, pattern]) => {
    const one = columns.find(({ column }) => pattern.test(column.trim()));
    return one === undefined ? [] : [{ field, column: one.column, isKnown: one.field === field }];
  });
  const has = (wanted: string) => found.some(({ field }) => field === wanted);
  if (!has('userId') || !has('itemId') || found.every(({ isKnown }) => isKnown)) return null;
  return `columns=${found.map(({ field, column }) => `${field}:${column}`).join(',')}`;
}
