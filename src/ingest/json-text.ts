/** Texts, so that digits within them stay, and numbers. */
const TEXTS_AND_NUMBERS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const HAS_LONG_NUMBER = /[:[,\s]-?\d{16}/;

/**
 * Reads JSON; whole numbers whose digits a double would change come as their exact text.
 * MongoDB's wrappers (`{"$oid": ...}`, `{"$date": ...}`, `{"$numberLong": ...}`) come unwrapped, and a dict that
 * Python has printed is read too.
 */
export function parseJson(text: string): unknown {
  try {
    return parseExact(text);
  } catch (error) {
    if (!/^\{\s*u?['"]/.test(text)) throw error;
    return parseExact(jsonOfPython(text));
  }
}

const PYTHON = /u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|\b(True|False|None)\b|[^'"TFNu]+|./gs;
const WORDS: Record<string, string> = { True: 'true', False: 'false', None: 'null' };

/** A dict as Python prints it, as JSON. */
function jsonOfPython(text: string): string {
  let json = '';
  for (const [token, quoted, word] of text.matchAll(PYTHON)) {
    if (quoted !== undefined) json += JSON.stringify(unescapedPython(quoted.slice(1, -1)));
    else json += word === undefined ? token : WORDS[word];
  }
  return json;
}

const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r' };

function unescapedPython(text: string): string {
  return text.replace(/\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|(.))/gis, (_, x, u, other) =>
    other === undefined ? String.fromCharCode(Number.parseInt(x ?? u, 16)) : (ESCAPES[other] ?? other),
  );
}

function parseExact(text: string): unknown {
  const parsed: unknown = JSON.parse(withExactNumbers(text));
  return text.includes('"$') ? unwrapped(parsed) : parsed;
}

/** JSON in which whole numbers whose digits a double would change are texts: nearly always they are ids. */
export function withExactNumbers(text: string): string {
  return HAS_LONG_NUMBER.test(text) ? text.replace(TEXTS_AND_NUMBERS, exactly) : text;
}

/** Long whole numbers as texts, unless a double has these very digits. */
function exactly(token: string): string {
  const isLong = token.length >= 16 && /^-?\d+$/.test(token);
  return isLong && String(Number(token)) !== token ? `"${token}"` : token;
}

/** https://www.mongodb.com/docs/manual/reference/mongodb-extended-json/ */
function unwrapped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrapped);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  if (entries.length === 1) {
    const [name, inner] = entries[0]!;
    const plain = unwrapped(inner);
    if (name === '$oid') return plain;
    if (name === '$numberLong' || name === '$numberInt') return exactNumber(String(plain));
    if (name === '$numberDouble' || name === '$numberDecimal') return Number(plain);
    if (name === '$date') return dateOf(plain);
  }
  return Object.fromEntries(entries.map(([name, inner]) => [name, unwrapped(inner)]));
}

function exactNumber(digits: string): number | string {
  return Number.isSafeInteger(Number(digits)) ? Number(digits) : digits;
}

/** A number is milliseconds, also where other times of the column are texts. */
function dateOf(value: unknown): unknown {
  const date = new Date(Number(value));
  return typeof value === 'string' && Number.isNaN(Number(value))
    ? value
    : Number.isNaN(date.getTime())
      ? value
      : date.toISOString();
}
