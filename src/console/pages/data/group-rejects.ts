/** A bad line of an import as the API lists it. */
export interface Reject {
  line: number;
  reason: string;
  text: string;
}

export interface RejectGroup {
  /** The part that the reasons have in common: the sentence without what the line had. */
  reason: string;
  count: number;
  lines: Reject[];
}

/** Bad lines by reason, the most frequent first, each with its lines in the order of the file. */
export function groupRejects(rejects: readonly Reject[]): RejectGroup[] {
  const groups = new Map<string, RejectGroup>();
  for (const reject of rejects) {
    const reason = sortOf(reject.reason);
    const key = withoutValues(reason);
    const group = groups.get(key) ?? { reason, count: 0, lines: [] };
    group.count++;
    group.lines.push(reject);
    if (group.reason !== reason) group.reason = key;
    groups.set(key, group);
  }
  return [...groups.values()].sort((a, b) => b.count - a.count);
}

/** Reasons of one sort differ in what they got; what mends them may follow. */
function sortOf(reason: string): string {
  const remedy = /; (PUT \/.*)$/.exec(reason)?.[0] ?? '';
  const sentence = reason.slice(0, reason.length - remedy.length);
  return sentence.replace(/[;,]? \(?got .*$/s, '') + remedy;
}

/** Quoted values, times to the millisecond and places in a line are of one line alone. */
function withoutValues(reason: string): string {
  return reason
    .replace(/"(?:[^"\\]|\\.)*"/gs, '"…"')
    .replace(/(?<!\w)'[^']*'(?!\w)/gs, "'…'")
    .replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '…')
    .replace(/\b(numbers such as|position|line|column) -?\d+(\.\d+)?/g, '$1 …');
}

/** The bad lines as a CSV with a header, which spreadsheets open. */
export function rejectsAsCsv(rejects: readonly Reject[]): string {
  const rows = rejects.map(({ line, reason, text }) => `${line},${cell(reason)},${cell(text)}`);
  return ['line,reason,text', ...rows, ''].join('\r\n');
}

/** A spreadsheet would run a cell that begins with = + - or @ as a formula. */
function cell(text: string): string {
  const inert = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${inert.replaceAll('"', '""')}"`;
}
