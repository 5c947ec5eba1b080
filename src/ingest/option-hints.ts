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
  [/^(timestamp|availableFrom|availableUntil) must be/, 'timestampFormat'],
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

/** Columns that usually mean a field, as `columns=` takes them. Null where users and items are not among them. */
export function suggestedColumns(names: readonly string[]): string | null {
  const pairs = USUAL_NAMES.flatMap(([field, pattern]) => {
    const found = names.find((name) => pattern.test(name.trim()));
    return found === undefined ? [] : [`${field}:${found}`];
  });
  const isEnough =
    pairs.some((pair) => pair.startsWith('userId:')) && pairs.some((pair) => pair.startsWith('itemId:'));
  return isEnough ? `columns=${pairs.join(',')}` : null;
}
