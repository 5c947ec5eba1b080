/** A JSON Schema as plain data. */
export type JsonSchema = { [keyword: string]: unknown };

const ONE_SCHEMA = ['items', 'additionalProperties', 'not'];
const LIST_OF_SCHEMAS = ['anyOf', 'oneOf', 'allOf'];
/** They say something about a schema and allow or refuse no value. */
const ANNOTATIONS = ['title', 'description', 'examples', 'default'];

export function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The schema with each schema directly inside it replaced. `at` names the place: a property, or else the keyword. */
export function mapSchemas(
  schema: JsonSchema,
  replace: (inner: JsonSchema, at: string) => JsonSchema,
): JsonSchema {
  const mapped: JsonSchema = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === 'properties') {
      const properties = Object.entries(value as Record<string, JsonSchema>);
      mapped[keyword] = Object.fromEntries(properties.map(([name, inner]) => [name, replace(inner, name)]));
    } else if (ONE_SCHEMA.includes(keyword) && isSchema(value)) mapped[keyword] = replace(value, keyword);
    else if (LIST_OF_SCHEMAS.includes(keyword))
      mapped[keyword] = (value as JsonSchema[]).map((inner) => replace(inner, keyword));
    else mapped[keyword] = value;
  }
  return mapped;
}

/** TypeBox's schema as OpenAPI 3.1 and its client generators read it best. */
export function documentedSchema(schema: object): JsonSchema {
  return adapt(JSON.parse(JSON.stringify(schema)) as JsonSchema);
}

function adapt(schema: JsonSchema): JsonSchema {
  const { patternProperties, ...rest } = mapSchemas(schema, adapt);
  for (const keyword of Object.keys(rest)) if (keyword.startsWith('x-')) delete rest[keyword];
  if (patternProperties) {
    const [values] = Object.values(patternProperties as Record<string, JsonSchema>);
    rest.additionalProperties = adapt(values!);
  }
  if (isSchema(rest.discriminator) && Array.isArray(rest.oneOf)) return unionOf(rest);
  if (rest.type === 'number') rest.format ??= 'double';
  if (rest.type === undefined && isListOfTexts(rest.enum)) return { type: 'string', ...rest };
  return rest;
}

/**
 * A union by kind without what only the validator reads beside its members. Where a value may leave its kind out, the member
 * that is meant then says so, and nothing can choose by kind.
 */
function unionOf({ type: _, properties, discriminator, oneOf, ...annotations }: JsonSchema): JsonSchema {
  const { propertyName } = discriminator as { propertyName: string };
  const tag = (properties as Record<string, JsonSchema> | undefined)?.[propertyName];
  if (tag?.default === undefined) return { oneOf, discriminator, ...annotations };
  const members = (oneOf as JsonSchema[]).map((member) => {
    const { const: kind } = (member.properties as Record<string, JsonSchema>)[propertyName]!;
    if (kind !== tag.default) return member;
    return { ...member, required: (member.required as string[]).filter((name) => name !== propertyName) };
  });
  return { oneOf: members, ...annotations };
}

function isListOfTexts(values: unknown): boolean {
  return Array.isArray(values) && values.every((value) => typeof value === 'string');
}

/** Equal for schemas that take the same values in the same words, whatever is said of them as a whole. */
export function shapeOf(schema: JsonSchema): string {
  return JSON.stringify(withoutAnnotations(schema), (_key, value) =>
    isSchema(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value,
  );
}

function withoutAnnotations(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => !ANNOTATIONS.includes(keyword)));
}

/** The annotations of `schema` that `other` does not have in the same words. */
export function ownAnnotations(schema: JsonSchema, other: JsonSchema): JsonSchema {
  const own = Object.entries(schema).filter(
    ([keyword, value]) =>
      keyword !== 'title' &&
      ANNOTATIONS.includes(keyword) &&
      JSON.stringify(value) !== JSON.stringify(other[keyword]),
  );
  return Object.fromEntries(own);
}

/** `soft-labels` and `softLabels` -> `SoftLabels` */
export function pascal(text: string): string {
  return text.replace(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_all, first: string) => first.toUpperCase());
}
