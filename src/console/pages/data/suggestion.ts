/** An option of an import with the value that a sentence proposes for it. */
export interface Suggestion {
  option: string;
  value: string;
}

/** Signs that end a sentence rather than a value, but for delimiter=; and delimiter=, where the sign is the value. */
const PROPOSED = /\b([a-z][A-Za-z]*)=(?=\S)(;(?=[\s;]|$)|,(?=[\s,]|$)|[^\s;]+)/g;

/** An example that names only a part of what is to be said. */
const EXAMPLE = /\bas in \S*$/;

/**
 * The option that a problem of a file names together with a value, such as `timestampFormat=s`; null where it leaves the value
 * to the reader.
 */
export function suggestionIn(detail: string, options: readonly string[]): Suggestion | null {
  for (const match of detail.matchAll(PROPOSED)) {
    const [, option = '', value = ''] = match;
    if (!options.includes(option) || EXAMPLE.test(detail.slice(0, match.index + option.length))) continue;
    const plain = value.length > 1 ? value.replace(/[,.:)]+$/, '') : value;
    if (plain !== '') return { option, value: plain };
  }
  return null;
}
