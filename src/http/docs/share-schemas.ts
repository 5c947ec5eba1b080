import { isSchema, type JsonSchema, mapSchemas, ownAnnotations, pascal, shapeOf } from './json-schema.ts';

const PLACE = '#/components/schemas/';

interface Named {
  name: string;
  schema: JsonSchema;
}

/** Keeps one definition of each named shape, and of each shape that occurs twice. */
export interface SchemaRegistry {
  /** The schema with a reference in place of every named shape within it. */
  refer(schema: JsonSchema): JsonSchema;
  /** The definitions that are referred to, by name. */
  definitions(): Record<string, JsonSchema>;
}

/**
 * @param named shapes with a name of their own. A shape with a title has that name; members of a named union that differ in
 * one constant property are named after it.
 * @param uses every schema of the document, each with the name of its place
 */
export function shareSchemas(
  named: Readonly<Record<string, JsonSchema>>,
  uses: readonly (readonly [place: string, schema: JsonSchema])[],
): SchemaRegistry {
  const byShape = new Map<string, Named>();
  const taken = new Set(Object.keys(named));
  const add = (name: string, schema: JsonSchema) => {
    const shape = shapeOf(schema);
    if (byShape.has(shape)) return;
    let free = name;
    for (let i = 2; taken.has(free) && named[free] !== schema; i++) free = `${name}${i}`;
    taken.add(free);
    byShape.set(shape, { name: free, schema });
  };
  for (const [name, schema] of Object.entries(named)) add(name, schema);
  for (const [name, schema] of Object.entries(named))
    for (const [member, inner] of membersOf(name, schema)) add(member, inner);
  const everything = [...Object.values(named), ...uses.map(([, schema]) => schema)];
  for (const [title, schema] of titled(everything)) add(title, schema);
  for (const [name, schema] of repeated(byShape, uses)) add(name, schema);

  const used = new Map<string, JsonSchema>();
  function refer(schema: JsonSchema): JsonSchema {
    const found = byShape.get(shapeOf(schema));
    if (!found) return mapSchemas(schema, refer);
    define(found);
    return { $ref: `${PLACE}${found.name}`, ...ownAnnotations(schema, found.schema) };
  }
  function define({ name, schema }: Named): void {
    if (used.has(name)) return;
    // Before its inside is looked at: a schema may refer to itself.
    used.set(name, {});
    // The name says it, and generators would take the title for another one.
    const { title: _, ...definition } = withDiscriminator(schema, mapSchemas(schema, refer));
    used.set(name, definition);
  }
  return {
    refer,
    definitions: () => Object.fromEntries([...used].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** Schemas anywhere that have a title; a title is the name that a shape gives itself. */
function titled(schemas: readonly JsonSchema[]): [string, JsonSchema][] {
  const found: [string, JsonSchema][] = [];
  function look(schema: JsonSchema): JsonSchema {
    if (typeof schema.title === 'string') found.push([schema.title, schema]);
    return mapSchemas(schema, look);
  }
  schemas.forEach(look);
  return found;
}

/** The members of a union by the constant that tells them apart: `SoftmaxTeacher` of `TeacherSpec`. */
function membersOf(name: string, schema: JsonSchema): [string, JsonSchema][] {
  const property = tellingProperty(schema);
  if (property === undefined) return [];
  const base = name.replace(/Spec$/, '');
  return objectsOf(schema).map((member) => [
    typeof member.title === 'string' ? member.title : `${pascal(constantOf(member, property)!)}${base}`,
    member,
  ]);
}

/** Client generators choose the class of an answer by it. */
function withDiscriminator(schema: JsonSchema, referring: JsonSchema): JsonSchema {
  const property = tellingProperty(schema);
  const members = (referring.anyOf ?? referring.oneOf) as JsonSchema[] | undefined;
  const isRequired = (member: JsonSchema) => (member.required as string[] | undefined)?.includes(property!);
  if (property === undefined || !members?.every(({ $ref }) => $ref) || !objectsOf(schema).every(isRequired)) {
    return referring;
  }
  const mapping = objectsOf(schema).flatMap((member, i) =>
    constantsOf(member, property).map((value) => [value, members[i]!.$ref]),
  );
  return { ...referring, discriminator: { propertyName: property, mapping: Object.fromEntries(mapping) } };
}

/** The property that is a constant in every object of a union, another one in each. */
function tellingProperty(schema: JsonSchema): string | undefined {
  const [first, ...others] = objectsOf(schema);
  if (!first || others.length === 0) return undefined;
  return Object.keys(first.properties as object).find((property) => {
    const constants = [first, ...others].map((member) => constantOf(member, property));
    return !constants.includes(undefined) && new Set(constants).size === constants.length;
  });
}

function objectsOf(schema: JsonSchema): JsonSchema[] {
  const members = (schema.anyOf ?? schema.oneOf ?? []) as JsonSchema[];
  return members.filter(({ properties }) => isSchema(properties));
}

function constantOf(member: JsonSchema, property: string): string | undefined {
  return constantsOf(member, property)[0];
}

/** One name, or several that mean the same: the first is the one to show. */
function constantsOf(member: JsonSchema, property: string): string[] {
  const { const: one, enum: several } = (member.properties as Record<string, JsonSchema>)[property] ?? {};
  if (typeof one === 'string') return [one];
  return Array.isArray(several) && several.length <= 2 ? several : [];
}

/** Objects and enumerations without a name that stand in two places, named after the first. */
function repeated(
  byShape: ReadonlyMap<string, Named>,
  uses: readonly (readonly [place: string, schema: JsonSchema])[],
): [string, JsonSchema][] {
  const seen = new Map<string, { name: string; schema: JsonSchema; times: number }>();
  const opened = new Set<string>();
  function look(schema: JsonSchema, name: string, isRoot = false): JsonSchema {
    const shape = shapeOf(schema);
    const known = byShape.get(shape);
    if (known && !isRoot) {
      open(known);
      return schema;
    }
    if (!isRoot && deservesName(schema)) {
      const before = seen.get(shape);
      if (before) {
        before.times++;
        return schema;
      }
      seen.set(shape, { name, schema, times: 1 });
    }
    return mapSchemas(schema, (inner, at) =>
      look(inner, `${name}${at === 'anyOf' || at === 'oneOf' ? '' : pascal(at)}`),
    );
  }
  function open({ name, schema }: Named): void {
    if (opened.has(name)) return;
    opened.add(name);
    look(schema, name.replace(/Spec$/, ''), true);
  }
  for (const [place, schema] of uses) look(schema, pascal(place));
  return [...seen.values()].filter(({ times }) => times > 1).map(({ name, schema }) => [name, schema]);
}

function deservesName({ properties, enum: values }: JsonSchema): boolean {
  return isSchema(properties) || (Array.isArray(values) && values.length > 1);
}
