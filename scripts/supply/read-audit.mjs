// @ts-check
const WEIGHTY = ['high', 'critical'];

/**
 * Reads the answer of `npm audit --json`.
 * @param {string} stdout @param {string} stderr
 * @returns {{ kind: 'clean' | 'vulnerable' | 'unanswered', lines: string[] }}
 */
export function readAudit(stdout, stderr) {
  const answer = parse(stdout);
  const found = answer?.vulnerabilities;
  if (!found) {
    const why = answer?.message ?? stderr.trim().split('\n')[0] ?? 'no answer';
    return {
      kind: 'unanswered',
      lines: [`NOT CHECKED: known vulnerabilities, since the registry has no answer (${why}).`],
    };
  }
  const all = Object.entries(found).map(([name, { severity, range }]) => ({ name, severity, range }));
  const weighty = all.filter(({ severity }) => WEIGHTY.includes(severity));
  const lines = all.map(({ name, severity, range }) => `${severity}: ${name} ${range}`);
  if (weighty.length > 0) return { kind: 'vulnerable', lines };
  return { kind: 'clean', lines: [...lines, 'No vulnerability of weight is known.'] };
}

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
