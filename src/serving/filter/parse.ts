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
  const tokens = tokenize(text);
  let at = 0;
  let depth = 0;

  const peek = (): Token => tokens[at]!;
  const isNext = (symbol: string) =>
    peek().kind !== 'text' && peek().kind !== 'name' && peek().text === symbol;
  const isWord = (word: string) => peek().kind === 'word' && peek().text === word;

  function take(expected: string, found = isNext(expected)): Token {
    if (!found) throw unexpected(peek(), JSON.stringify(expected));
    return tokens[at++]!;
  }

  function either(): Condition {
    if (++depth > MAX_DEPTH) throw wrong(peek().at, `nested more than ${MAX_DEPTH} levels deep`);
    const parts = [both()];
    while (isWord('or')) {
      at++;
      parts.push(both());
    }
    depth--;
    return parts.length === 1 ? parts[0]! : { kind: 'or', parts };
  }

  function both(): Condition {
    const parts = [single()];
    while (isWord('and')) {
      at++;
      parts.push(single());
    }
    return parts.length === 1 ? parts[0]! : { kind: 'and', parts };
  }

  function single(): Condition {
    if (isWord('not')) {
      if (++depth > MAX_DEPTH) throw wrong(peek().at, `nested more than ${MAX_DEPTH} levels deep`);
      at++;
      const part = single();
      depth--;
      return { kind: 'not', part };
    }
    if (isNext('(')) {
      at++;
      const inner = either();
      take(')');
      return inner;
    }
    return comparison(path());
  }

  function path(): string[] {
    const names = [name()];
    while (isNext('.')) {
      at++;
      names.push(name());
    }
    return names;
  }

  function name(): string {
    const token = peek();
    if (token.kind !== 'word' && token.kind !== 'name') throw unexpected(token, 'the name of a property');
    at++;
    return token.text;
  }

  function comparison(of: readonly string[]): Condition {
    if (isWord('not')) {
      at++;
      take('in', isWord('in'));
      return { kind: 'not', part: membership(of) };
    }
    if (isWord('in')) {
      at++;
      return membership(of);
    }
    const token = peek();
    if (token.kind !== 'operator') throw unexpected(token, 'one of = != < <= > >= in');
    at++;
    const value = literal();
    if (typeof value === 'boolean' && token.text !== '=' && token.text !== '!=') {
      throw wrong(token.at, `${token.text} compares numbers or texts; for true and false there are = and !=`);
    }
    return { kind: 'compare', path: of, operator: token.text as Comparison, value };
  }

  function membership(of: readonly string[]): Condition {
    if (!isNext('[')) return range(of);
    at++;
    const values: Literal[] = [];
    while (!isNext(']')) {
      if (values.length === MAX_VALUES)
        throw wrong(peek().at, `a list may have at most ${MAX_VALUES} values`);
      values.push(literal());
      if (!isNext(']')) take(',');
    }
    at++;
    return { kind: 'in', path: of, values };
  }

  function range(of: readonly string[]): Condition {
    const start = peek();
    const low = literal();
    take('..');
    const high = literal();
    if (typeof low === 'boolean' || typeof low !== typeof high) {
      throw wrong(start.at, 'a range goes from a number to a number or from a text to a text');
    }
    return { kind: 'range', path: of, low, high: high as number | string };
  }

  function literal(): Literal {
    const token = peek();
    if (token.kind === 'number') {
      at++;
      return Number(token.text);
    }
    if (token.kind === 'text') {
      at++;
      return token.text;
    }
    if (isWord('true') || isWord('false')) {
      at++;
      return token.text === 'true';
    }
    const hint = token.kind === 'word' ? `; texts stand in quotes: "${token.text}"` : '';
    throw unexpected(token, `a number, a text in quotes, true or false${hint}`);
  }

  const condition = either();
  if (peek().kind !== 'end') throw unexpected(peek(), '"and", "or" or the end');
  return condition;
}

function unexpected(token: Token, expected: string) {
  const found = token.kind === 'end' ? 'it ends' : `there is ${JSON.stringify(token.text.slice(0, 40))}`;
  return wrong(token.at, `${found}, expected ${expected}`);
}
