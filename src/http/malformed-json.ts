import { messageOf } from '../core/errors.ts';

const NOT_JSON = /[:[,]\s*(-?(?:NaN|Infinity)|undefined)\b/;

/** Says what JSON.parse dislikes about the text, with the place where that is known. */
export function describeMalformedJson(text: string): string {
  try {
    JSON.parse(text);
  } catch (error) {
    return describeSyntaxError(text, messageOf(error));
  }
  return 'The keys "__proto__" and "constructor.prototype" are not allowed.';
}

function describeSyntaxError(text: string, message: string): string {
  const word = NOT_JSON.exec(text);
  if (word?.[1] && /token '[NIu]'|minus sign/.test(message)) {
    const place = placeOf(text, word.index + word[0].length - word[1].length);
    return `${word[1]} at ${place} is not JSON; send a number, or leave the field out.`;
  }
  const position = /at position (\d+)/.exec(message);
  if (position) return `The JSON is wrong at ${placeOf(text, Number(position[1]))}.`;
  const near = /^(Unexpected token .*) is not valid JSON$/s.exec(message);
  if (near) return `The JSON is wrong: ${near[1]}.`;
  return 'The JSON ends too early; is the body complete?';
}

function placeOf(text: string, position: number): string {
  const before = text.slice(0, position).split('\n');
  return `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`;
}
