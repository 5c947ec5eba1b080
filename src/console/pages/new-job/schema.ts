/** The part of JSON Schema that the document of the API uses. */
export interface Schema {
  $ref?: string;
  type?: string;
  enum?: unknown[];
  const?: unknown;
  oneOf?: Schema[];
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  maxItems?: number;
  description?: string;
  examples?: unknown[];
  discriminator?: { propertyName: string };
}

export interface ApiDocument {
  components: { schemas: Record<string, Schema> };
  paths: Record<string, Record<string, unknown>>;
}

interface Base {
  /** Name of the property. */
  name: string;
  about: string;
  isRequired: boolean;
}

/** An input of a form, made of a schema. */
export type FormField = Base &
  (
    | { kind: 'choice'; choices: string[] }
    | { kind: 'yes-no' }
    | { kind: 'number'; isWhole: boolean; range: string; example: string }
    | { kind: 'text'; example: string }
    /** Numbers or texts, typed with commas between them. */
    | { kind: 'list'; of: 'number' | 'text'; example: string }
    | { kind: 'group'; fields: FormField[] }
    /** One of several shapes that a property tells apart. */
    | { kind: 'variant'; by: string; variants: Variant[] }
    /** A list of groups or variants. */
    | { kind: 'many'; of: FormField; most: number | null }
    /** Anything else, typed as JSON; a word stands for itself. */
    | { kind: 'json'; example: string }
  );

export interface Variant {
  name: string;
  about: string;
  fields: FormField[];
}

interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  example?: unknown;
  schema: Schema;
}

interface Operation {
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: Schema }> };
}

const operationOf = (document: ApiDocument, path: string, method: string) =>
  (document.paths[path]?.[method] ?? {}) as Operation;

/** The fields of the body of a request. */
export function bodyFields(document: ApiDocument, path: string, method = 'post'): FormField[] {
  const schema = operationOf(document, path, method).requestBody?.content['application/json']?.schema;
  return schema ? fieldsOf(document, resolved(document, schema)) : [];
}

/** The parameters of the query of a request. */
export function queryFields(document: ApiDocument, path: string, method = 'post'): FormField[] {
  const { parameters = [] } = operationOf(document, path, method);
  return parameters
    .filter((one) => one.in === 'query')
    .map(({ name, schema, required = false, description, example }) => {
      const more = {
        ...(description !== undefined && { description }),
        ...(example !== undefined && { examples: [example] }),
      };
      return fieldOf(document, name, { ...schema, ...more }, required);
    });
}

function fieldsOf(
  document: ApiDocument,
  { properties = {}, required = [] }: Schema,
  without = '',
): FormField[] {
  return Object.entries(properties)
    .filter(([name]) => name !== without)
    .map(([name, schema]) => fieldOf(document, name, schema, required.includes(name)));
}

function fieldOf(document: ApiDocument, name: string, schema: Schema, isRequired: boolean): FormField {
  const found = resolved(document, schema);
  const about = schema.description ?? found.description ?? '';
  const base = { name, about, isRequired };
  const example = exampleOf(schema, found);
  if (found.oneOf) return variantOf(document, found, base) ?? { ...base, kind: 'json', example };
  if (found.anyOf) return { ...base, kind: 'json', example };
  if (found.enum) return { ...base, kind: 'choice', choices: found.enum.map(String) };
  if (found.const !== undefined) return { ...base, kind: 'choice', choices: [String(found.const)] };
  if (found.type === 'boolean') return { ...base, kind: 'yes-no' };
  if (found.type === 'string') return { ...base, kind: 'text', example };
  if (found.type === 'number' || found.type === 'integer')
    return { ...base, kind: 'number', isWhole: found.type === 'integer', range: rangeOf(found), example };
  if (found.type === 'array') return listOf(document, found, base, example);
  if (found.properties) return { ...base, kind: 'group', fields: fieldsOf(document, found) };
  return { ...base, kind: 'json', example };
}

function listOf(
  document: ApiDocument,
  { items = {}, maxItems }: Schema,
  base: Base,
  example: string,
): FormField {
  const inner = fieldOf(document, '', items, true);
  if (inner.kind === 'group' || inner.kind === 'variant')
    return { ...base, kind: 'many', of: inner, most: maxItems ?? null };
  if (inner.kind === 'number') return { ...base, kind: 'list', of: 'number', example };
  if (inner.kind === 'text' || inner.kind === 'choice') return { ...base, kind: 'list', of: 'text', example };
  return { ...base, kind: 'json', example };
}

/** The property that tells the shapes apart: the one that is a constant in most of them. */
function variantOf(
  document: ApiDocument,
  { oneOf = [], discriminator }: Schema,
  base: Base,
): FormField | null {
  const shapes = oneOf.map((one) => resolved(document, one));
  const by = discriminator?.propertyName ?? 'kind';
  const variants = shapes.flatMap((shape): Variant[] => {
    const tag = shape.properties?.[by];
    if (!tag) return [];
    const name = resolved(document, tag).const ?? resolved(document, tag).enum?.[0];
    if (typeof name !== 'string') return [];
    return [{ name, about: shape.description ?? '', fields: fieldsOf(document, shape, by) }];
  });
  return variants.length < 1 ? null : { ...base, kind: 'variant', by, variants };
}

function resolved(document: ApiDocument, schema: Schema): Schema {
  const name = schema.$ref?.split('/').at(-1);
  return name === undefined ? schema : resolved(document, document.components.schemas[name] ?? {});
}

function rangeOf({ minimum, exclusiveMinimum, maximum }: Schema): string {
  const low = exclusiveMinimum === undefined ? minimum : `above ${exclusiveMinimum}`;
  if (maximum === undefined) return low === undefined ? '' : `from ${low}`.replace('from above', 'above');
  return low === undefined ? `to ${maximum}` : `${low} to ${maximum}`;
}

function exampleOf(...schemas: Schema[]): string {
  const example = schemas.flatMap(({ examples = [] }) => examples)[0];
  if (example === undefined) return '';
  return typeof example === 'string' ? example : JSON.stringify(example);
}
