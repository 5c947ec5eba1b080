/** Place of a value in the body of a request. */
export type Path = readonly (string | number)[];
export type Body = Record<string, unknown>;

/** A path as the API writes it: `distillation.losses[0].weight`. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}

export function valueAt(body: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, part) =>
      typeof inner === 'object' && inner !== null
        ? (inner as Record<string | number, unknown>)[part]
        : undefined,
    body,
  );
}

/** The body with another value at a place; undefined takes it out, and with it objects that have nothing else. */
export function withValue(body: Body, path: Path, value: unknown): Body {
  return (changed(body, path, value) as Body | undefined) ?? {};
}

function changed(inner: unknown, [part, ...rest]: Path, value: unknown): unknown {
  if (part === undefined) return value;
  if (typeof part === 'number') {
    const list = Array.isArray(inner) ? [...inner] : [];
    const entry = changed(list[part], rest, value);
    // An entry that has nothing yet stays an entry; only its removal takes it out.
    if (entry !== undefined) list[part] = entry;
    else if (rest.length > 0) list[part] = {};
    else list.splice(part, 1);
    return list.length === 0 ? undefined : list;
  }
  const { [part]: before, ...others } = (inner ?? {}) as Body;
  const after = changed(before, rest, value);
  const object = after === undefined ? others : { ...(inner as Body | undefined), [part]: after };
  return Object.keys(object).length === 0 ? undefined : object;
}

/** A number that was typed; what is none goes to the API as it is, which says what would be right. */
export function typedNumber(text: string): unknown {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  return Number.isFinite(Number(trimmed)) ? Number(trimmed) : trimmed;
}

/** Values with commas between them. */
export function typedList(text: string, of: 'number' | 'text'): unknown {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (parts.length === 0) return undefined;
  return of === 'number' ? parts.map(typedNumber) : parts;
}

/** JSON that was typed; what is none stands for itself, as `auto` does. */
export function typedJson(text: string): unknown {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  try {
    return JSON.parse(trimmed);
  } catch {
    return trimmed;
  }
}

/** A value as an input shows it, so that typing it again gives the same. */
export function shownText(value: unknown): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((one) => typeof one !== 'object')) return value.join(', ');
  return JSON.stringify(value);
}
