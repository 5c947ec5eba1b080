/** Option for the sign that seems to stand between the cells of a line without one comma; undefined where there is none. */
export function delimiterFor(line: string): string | undefined {
  const sign = line.includes(',') ? undefined : ['\t', ';', '::', '|'].find((each) => line.includes(each));
  return sign && `delimiter=${sign === '\t' ? 'tab' : sign}`;
}
