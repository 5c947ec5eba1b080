import type { Validator } from 'typebox/compile';

/** What each field must be; the end of the sentence "it must be ...". */
export type Expectations = Readonly<Record<string, string>>;

/** One sentence for the first thing that is wrong: the field, the value given, and what would be right. */
export function reasonFrom(validator: Validator, raw: unknown, expected: Expectations): string {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    return `the row is ${shown(raw)}; it must be an object with ${Object.keys(expected).join(', ')}`;
  }
  const errors = [...validator.Errors(raw)] as { keyword: string; instancePath: string; params: object }[];
  const unknown = namesIn(errors, 'additionalProperties', 'additionalProperties');
  if (unknown) return `unknown field ${unknown}; the fields are ${Object.keys(expected).join(', ')}`;
  const missing = namesIn(errors, 'required', 'requiredProperties')?.split(', ')[0];
  if (missing !== undefined) return `${missing} is missing; it must be ${expected[missing]}`;
  const field = fieldOf(errors.find((error) => error.instancePath !== '')?.instancePath ?? '');
  return wrong(field, (raw as Record<string, unknown>)[field], expected[field] ?? 'left out');
}

export function wrong(field: string, value: unknown, expected: string): string {
  return `${field} is ${shown(value)}; it must be ${expected}`;
}

const MAX_SHOWN = 60;

/** A value of the client's, short enough for a message. */
function shown(value: unknown): string {
  const text = asText(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN).toWellFormed()}...` : text;
}

function asText(value: unknown): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  return JSON.stringify(value);
}

function namesIn(
  errors: readonly { keyword: string; params: object }[],
  keyword: string,
  parameter: string,
): string | undefined {
  const error = errors.find((candidate) => candidate.keyword === keyword);
  const names = (error?.params as Record<string, string[]> | undefined)?.[parameter];
  return names?.map((name) => (name.length > MAX_SHOWN ? shown(name) : name)).join(', ');
}

/** `/categories/1` -> `categories` */
function fieldOf(instancePath: string): string {
  return instancePath.split('/')[1] ?? '';
}
