import { type Token, tokenize } from './tokens.ts';
import { wrong } from './wrong.ts';

export type Literal = string | number | boolean;

export type Condition =
  | { kind: 'and' | 'or'; parts: Condition[] }
  | { kind: 'not'; part: Condition }
  | { kind: 'compare'; path: readonly string[]; operator: Comparison; value: Literal }
  | { kind: 'in'; path: readonly string[]; values: readonly Literal[] }
  | { kind: 'range'; path: readonly string[]; low: number | string; high: number | string };

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=';

const MAX_DEPTH = 50;
const MAX_VALUES = 1000;

/**
 * Reads the filter language that src/domain/answers/recommendation.ts describes to clients.
 * @throws problem('invalid-request') with the position, counted from 1
 */
export function parseFilter(text: string): Condition {
  const cursor = createCursor(tokenize(text));
  const condition = either(cursor);
  if (cursor.peek().kind !== 'end') throw unexpected(cursor.peek(), '"and", "or" or the end');
  return condition;
}

interface Cursor {
  peek(): Token;
  isNext(symbol: string): boolean;
  isWord(word: string): boolean;
  /** Goes over the next token. */
  next(): Token;
  take(expected: string, found?: boolean): Token;
  /** One level deeper while `read` reads. */
  nested(read: () => Condition): Condition;
}

function createCursor(tokens: readonly Token[]): Cursor {
  let at = 0;
  let depth = 0;
  const peek = () => tokens[at]!;
  const isNext = (symbol: string) =>
    peek().kind !== 'text' && peek().kind !== 'name' && peek().text === symbol;
  return {
    peek,
    isNext,
    isWord: (word) => peek().kind === 'word' && peek().text === word,
    next: () => tokens[at++]!,
    take(expected, found = isNext(expected)) {
      if (!found) throw unexpected(peek(), JSON.stringify(expected));
      return tokens[at++]!;
    },
    nested(read) {
      if (++depth > MAX_DEPTH) throw wrong(peek().at, `nested more than ${MAX_DEPTH} levels deep`);
      const condition = read();
      depth--;
      return condition;
    },
  };
}

const either = (cursor: Cursor) => cursor.nested(() => joined(cursor, 'or', both));
const both = (cursor: Cursor) => joined(cursor, 'and', single);

function joined(cursor: Cursor, kind: 'and' | 'or', part: (cursor: Cursor) => Condition): Condition {
  const parts = [part(cursor)];
  while (cursor.isWord(kind)) {
    cursor.next();
    parts.push(part(cursor));
  }
  return parts.length === 1 ? parts[0]! : { kind, parts };
}

function single(cursor: Cursor): Condition {
  if (cursor.isWord('not')) {
    return cursor.nested(() => {
      cursor.next();
      return { kind: 'not', part: single(cursor) };
    });
  }
  if (cursor.isNext('(')) {
    cursor.next();
    const inner = either(cursor);
    cursor.take(')');
    return inner;
  }
  return comparison(cursor, path(cursor));
}

function path(cursor: Cursor): string[] {
  const names = [name(cursor)];
  while (cursor.isNext('.')) {
    cursor.next();
    names.push(name(cursor));
  }
  return names;
}

function name(cursor: Cursor): string {
  const token = cursor.peek();
  if (token.kind !== 'word' && token.kind !== 'name') throw unexpected(token, 'the name of a property');
  return cursor.next().text;
}

function comparison(cursor: Cursor, of: readonly string[]): Condition {
  if (cursor.isWord('not')) {
    cursor.next();
    cursor.take('in', cursor.isWord('in'));
    return { kind: 'not', part: membership(cursor, of) };
  }
  if (cursor.isWord('in')) {
    cursor.next();
    return membership(cursor, of);
  }
  const token = cursor.peek();
  if (token.kind !== 'operator') throw unexpected(token, 'one of = != < <= > >= in');
  cursor.next();
  const value = literal(cursor);
  if (typeof value === 'boolean' && token.text !== '=' && token.text !== '!=') {
    throw wrong(token.at, `${token.text} compares numbers or texts; for true and false there are = and !=`);
  }
  return { kind: 'compare', path: of, operator: token.text as Comparison, value };
}

function membership(cursor: Cursor, of: readonly string[]): Condition {
  if (!cursor.isNext('[')) return range(cursor, of);
  cursor.next();
  const values: Literal[] = [];
  while (!cursor.isNext(']')) {
    if (values.length === MAX_VALUES)
      throw wrong(cursor.peek().at, `a list may have at most ${MAX_VALUES} values`);
    values.push(literal(cursor));
    if (!cursor.isNext(']')) cursor.take(',');
  }
  cursor.next();
  return { kind: 'in', path: of, values };
}

function range(cursor: Cursor, of: readonly string[]): Condition {
  const start = cursor.peek();
  const low = literal(cursor);
  cursor.take('..');
  const high = literal(cursor);
  if (typeof low === 'boolean' || typeof low !== typeof high) {
    throw wrong(start.at, 'a range goes from a number to a number or from a text to a text');
  }
  return { kind: 'range', path: of, low, high: high as number | string };
}

function literal(cursor: Cursor): Literal {
  const token = cursor.peek();
  if (token.kind === 'number') return Number(cursor.next().text);
  if (token.kind === 'text') return cursor.next().text;
  if (cursor.isWord('true') || cursor.isWord('false')) return cursor.next().text === 'true';
  const hint = token.kind === 'word' ? `; texts stand in quotes: "${token.text}"` : '';
  throw unexpected(token, `a number, a text in quotes, true or false${hint}`);
}

function unexpected(token: Token, expected: string) {
  const found = token.kind === 'end' ? 'it ends' : `there is ${JSON.stringify(token.text.slice(0, 40))}`;
  return wrong(token.at, `${found}, expected ${expected}`);
}
