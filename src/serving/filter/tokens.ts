import { wrong } from './wrong.ts';

export interface Token {
  /** word: a name or a keyword. name: a name in backticks, never a keyword. */
  kind: 'word' | 'name' | 'number' | 'text' | 'operator' | 'sign' | 'end';
  text: string;
  /** Position of its first character, from 0. */
  at: number;
}

const SPACE = /\s+/y;
// A digit must follow the point, so that 1990..1999 is a range.
const NUMBER = /[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w])/y;
const WORD = /[\p{L}_][\p{L}\p{N}_-]*/uy;
const OPERATOR = /!=|<=|>=|==?|<|>/y;
const SIGN = /\.\.|[()[\],.]/y;
const KEYWORDS = new Set(['and', 'or', 'not', 'in', 'true', 'false']);

/** @throws problem('invalid-request') with the position */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0] ?? null;
  };
  while (at < source.length) {
    const space = match(SPACE);
    if (space !== null) {
      at += space.length;
      continue;
    }
    const token = quoted(source, at) ?? plain(at, match);
    if (token === null) throw wrong(at, `${JSON.stringify([...source.slice(at)][0])} has no meaning here`);
    tokens.push(token.token);
    at += token.length;
  }
  tokens.push({ kind: 'end', text: '', at: source.length });
  return tokens;
}

interface Read {
  token: Token;
  length: number;
}

function plain(at: number, match: (pattern: RegExp) => string | null): Read | null {
  const number = match(NUMBER);
  if (number !== null) return { token: { kind: 'number', text: number, at }, length: number.length };
  const word = match(WORD);
  if (word !== null) {
    const lower = word.toLowerCase();
    return {
      token: { kind: 'word', text: KEYWORDS.has(lower) ? lower : word, at },
      length: word.length,
    };
  }
  const operator = match(OPERATOR);
  if (operator !== null) {
    return {
      token: { kind: 'operator', text: operator === '==' ? '=' : operator, at },
      length: operator.length,
    };
  }
  const sign = match(SIGN);
  return sign === null ? null : { token: { kind: 'sign', text: sign, at }, length: sign.length };
}

/** "text" or 'text' with \ before quotes and itself; `name` without escapes. */
function quoted(source: string, at: number): Read | null {
  const quote = source[at]!;
  if (quote !== '"' && quote !== "'" && quote !== '`') return null;
  let text = '';
  for (let i = at + 1; i < source.length; i++) {
    const char = source[i]!;
    if (char === quote) {
      return { token: { kind: quote === '`' ? 'name' : 'text', text, at }, length: i + 1 - at };
    }
    if (char === '\\' && quote !== '`' && i + 1 < source.length) text += source[++i];
    else text += char;
  }
  throw wrong(at, `the ${quote} that begins here is never closed`);
}
