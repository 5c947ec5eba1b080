/** Shorter ids are parts of many sentences: 7 is an epoch, and ann a name. They count where they stand in quotes. */
const DISTINCTIVE = 6;

/** True if a line of a file has the id as a word of its own: as it stands, with JSON's escapes, or with doubled quotes as CSV has them. */
export function mentions(line: string, id: string): boolean {
  const word = wordOf(id);
  return [line, withoutEscapes(line), line.replaceAll('""', '"')].some((text) => word.test(text));
}

/** The sentence without the id, where it stands in quotes or is long enough to be nothing else. */
export function withoutId(sentence: string, id: string): string {
  const quoted = sentence.replaceAll(JSON.stringify(id), '"[erased]"').replaceAll(`'${id}'`, "'[erased]'");
  return id.length < DISTINCTIVE ? quoted : quoted.replace(new RegExp(wordOf(id), 'gu'), '[erased]');
}

function wordOf(id: string): RegExp {
  const escaped = id.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`, 'u');
}

function withoutEscapes(line: string): string {
  return line.replace(
    /\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt])/g,
    (escaped) => JSON.parse(`"${escaped}"`) as string,
  );
}
