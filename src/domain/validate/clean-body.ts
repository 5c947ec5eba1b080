interface JsonSchema {
  [keyword: string]: unknown;
  properties?: Record<string, JsonSchema>;
  patternProperties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
}

/**
 * Reads a value of JSON as clients of many languages write it: nulls are absent fields where the schema has no null, and whole numbers
 * are the ids that they are written as. Changes lists and objects in place.
 */
export function cleanBody(value: unknown, schema: object): unknown {
  return cleaned(value, [schema as JsonSchema]);
}

function cleaned(value: unknown, schemas: readonly JsonSchema[]): unknown {
  const kinds = schemas.flatMap(kindsOf);
  if (typeof value === 'number') return isId(kinds) && isExact(value) ? String(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const items = kinds.flatMap(({ items: one }) => (one ? [one] : []));
    if (items.length > 0) for (let i = 0; i < value.length; i++) value[i] = cleaned(value[i], items);
    return value;
  }
  const object = value as Record<string, unknown>;
  for (const key of Object.keys(object)) {
    const own = kinds.flatMap((kind) => schemasOf(kind, key));
    if (own.length === 0) continue;
    if (object[key] === null && !own.some(takesNull)) delete object[key];
    else object[key] = cleaned(object[key], own);
  }
  return value;
}

/** A schema, or those of a union. */
function kindsOf(schema: JsonSchema): JsonSchema[] {
  const parts = [schema.anyOf, schema.oneOf, schema.allOf].flatMap((of) => of ?? []);
  return parts.length > 0 ? [schema, ...parts.flatMap(kindsOf)] : [schema];
}

function schemasOf({ properties, patternProperties }: JsonSchema, key: string): JsonSchema[] {
  // hasOwn: a field may be called `constructor`.
  if (properties && Object.hasOwn(properties, key)) return [properties[key]!];
  return Object.values(patternProperties ?? {});
}

const TYPED = ['type', 'enum', 'const', 'anyOf', 'oneOf', 'allOf'];

/** A schema that says nothing of types takes anything. */
function takesNull(schema: JsonSchema): boolean {
  return kindsOf(schema).some(
    (kind) =>
      !TYPED.some((keyword) => keyword in kind) ||
      [kind.type, kind.enum].flat().some((one) => one === 'null' || one === null),
  );
}

function isId(kinds: readonly JsonSchema[]): boolean {
  return (
    kinds.some((kind) => kind['x-id']) && !kinds.some(({ type }) => type === 'number' || type === 'integer')
  );
}

const isExact = (id: number) => Number.isSafeInteger(id) && !Object.is(id, -0);
