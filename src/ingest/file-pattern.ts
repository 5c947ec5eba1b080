/** Matches names of files by `*` (anything, folders too), `?` (one sign) and `a|b`. */
export function filePattern(pattern: string): (name: string) => boolean {
  const source = pattern
    .replace(/[\\^$.+()[\]{}]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const regex = new RegExp(`^(?:${source})$`, 'i');
  return (name) => regex.test(name);
}

/** Descriptions and what systems leave in archives. */
const NO_DATA =
  /(^|\/)(\.|__MACOSX\/)|(^|\/)(readme|license|licence|changelog|checksums)[^/]*$|\.(md|html?|pdf|sh|pl|py)$/i;

export const isData = (name: string) => !NO_DATA.test(name);
