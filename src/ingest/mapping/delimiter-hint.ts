/** Option for the sign that seems to stand between the cells of a line without one comma; undefined where there is none. */
export function delimiterFor(line: string): string | undefined {
  const sign = line.includes(',') ? undefined : ['\t', ';', '::', '|'].find((each) => line.includes(each));
  return sign && `delimiter=${sign === '\t' ? 'tab' : sign}`;
}

/** Begins a sentence about a line that cannot be cut at commas, where the first line has none. */
export function hintFor(bytes: Buffer, delimiter: string): string {
  const option = delimiter === ',' && delimiterFor(bytes.toString('utf8', 0, 4096).split('\n', 1)[0]!);
  return option ? `the first line has no comma; say ${option}, or else ` : '';
}
