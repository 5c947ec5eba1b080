/** An item or a user, as far as features are concerned. */
export interface Described {
  title?: string | null;
  categories?: readonly string[];
  labels?: readonly string[];
  features: Readonly<Record<string, unknown>>;
}

export type FieldValue =
  | { kind: 'number'; number: number; tokens: readonly string[] }
  /** Distinct; with the number that a text is, null where it is none or begins with a zero as codes do. */
  | { kind: 'tokens'; tokens: readonly string[]; number: number | null }
  /** A list of two or more finite numbers; its tokens are those of a list of names. */
  | { kind: 'vector'; vector: readonly number[]; readonly tokens: readonly string[]; number: null };

const OWN_FIELDS = ['categories', 'labels', 'title'] as const;

/**
 * `categories`, `labels` and `title` are an item's own; anything else is one of its features, with `features.` before
 * it or not.
 */
export function fieldName(field: string): string {
  if (OWN_FIELDS.some((own) => own === field) || field.startsWith('features.')) return field;
  return `features.${field}`;
}

/** The fields in which something is said, in a fixed order; objects in features are no fields, what is in them can be named. */
export function fieldsOf(entity: Described): string[] {
  const own = OWN_FIELDS.filter((field) => saidIn(entity, field) !== null);
  const names = Object.keys(entity.features).map((name) => `features.${name}`);
  return [...own, ...names.filter((name) => saidIn(entity, name) !== null).sort()];
}

/** Null where nothing is said. @param field as fieldName gives it, with dots into nested features */
export function saidIn(entity: Described, field: string): FieldValue | null {
  return readValue(rawValue(entity, field));
}

/** The value as it was sent. @param field as fieldName gives it */
export function rawValue(entity: Described, field: string): unknown {
  const own = OWN_FIELDS.find((name) => name === field);
  if (own) return entity[own];
  const path = field.slice('features.'.length);
  // A name may have dots itself.
  if (Object.hasOwn(entity.features, path)) return entity.features[path];
  return path.split('.').reduce<unknown>((value, name) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    return (value as Record<string, unknown>)[name];
  }, entity.features);
}

function readValue(raw: unknown): FieldValue | null {
  if (typeof raw === 'number') return { kind: 'number', number: raw, tokens: wordsOf(String(raw)) };
  if (typeof raw === 'boolean') return { kind: 'tokens', tokens: [String(raw)], number: null };
  if (typeof raw === 'string') return tokensOrNull(wordsOf(raw), numberIn(raw));
  if (isVector(raw)) return vectorOf(raw);
  if (Array.isArray(raw)) return tokensOrNull(raw.flatMap(nameOf), null);
  return null;
}

function isVector(raw: unknown): raw is readonly number[] {
  return Array.isArray(raw) && raw.length > 1 && raw.every(Number.isFinite);
}

function vectorOf(vector: readonly number[]): FieldValue {
  return {
    kind: 'vector',
    vector,
    number: null,
    // Long lists are read more often than their names.
    get tokens() {
      return [...new Set(vector.map(String))];
    },
  };
}

function tokensOrNull(tokens: readonly string[], number: number | null): FieldValue | null {
  return tokens.length === 0 ? null : { kind: 'tokens', tokens: [...new Set(tokens)], number };
}

function numberIn(text: string): number | null {
  return /^\s*-?(0|[1-9]\d*)(\.\d+)?\s*$/.test(text) ? Number(text) : null;
}

/** Runs of letters and digits, in small letters. */
function wordsOf(text: string): string[] {
  return (
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}

/** Name of a list's member: each is one name, whatever words it has. */
function nameOf(member: unknown): string[] {
  if (typeof member === 'number' || typeof member === 'boolean') return [String(member)];
  const name = typeof member === 'string' ? member.normalize('NFKC').trim().toLowerCase() : '';
  return name === '' ? [] : [name];
}
