/** Reads a comma-separated setting; blanks around an entry and empty entries count for nothing. */
export function listOf(text: string): string[] {
  const entries = text.split(',').map((entry) => entry.trim());
  return entries.filter((entry) => entry !== '');
}

/**
 * Reads a setting that lists addresses.
 * @param words entries that are no address and mean something, such as `*`
 * @throws Error that names the setting and the entry
 */
export function addressesOf(setting: string, text: string, words: readonly string[] = []): string[] {
  const entries = listOf(text);
  for (const [i, entry] of entries.entries())
    if (!words.includes(entry) && !isAddress(entry))
      throw new Error(
        `${setting}: entry ${i + 1}, ${JSON.stringify(entry)}, must be an address such as https://data.example.com/exports/, with http:// or https:// and without a user${words.map((word) => `, or ${word}`)}.`,
      );
  return entries;
}

/**
 * Reads a setting that lists origins.
 * @returns them as browsers send them: in lower case, without the port that goes without saying
 * @throws Error that names the setting and the entry
 */
export function originsOf(setting: string, text: string): string[] {
  return listOf(text).map((entry, i) => {
    if (isAddress(entry) && new URL(entry).pathname === '/' && !/[?#]/.test(entry))
      return new URL(entry).origin;
    throw new Error(
      `${setting}: entry ${i + 1}, ${JSON.stringify(entry)}, must be an origin such as https://shop.example, without a path.`,
    );
  });
}

function isAddress(text: string): boolean {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return username === '' && password === '';
}
