import { ownersOf, shapeOf } from '../base/one-of-kinds.ts';

/** The parts of an Ajv error that a sentence needs; `createAjv` asks for schema and data. */
export interface SchemaError {
  keyword: string;
  instancePath: string;
  params: Record<string, unknown>;
  parentSchema?: JsonSchema;
  data?: unknown;
}

interface JsonSchema {
  [keyword: string]: unknown;
}

const LONGEST_QUOTE = 60;

/**
 * Makes one sentence for each wrong field, without those that say the same.
 * @param whole what a value is called that is wrong as a whole
 */
export function sentencesOf(errors: readonly SchemaError[], whole: string, most: number): string[] {
  const telling = withoutOtherShapes(errors).slice(0, most);
  return [...new Set(telling.map((error) => sentenceOf(error, whole)))];
}

/** The sentence about a value that is wrong in a way that no schema can say. */
export function mustBe(field: string, expected: string, value: unknown): string {
  return value === undefined
    ? `${field} is missing; it must be ${expected}`
    : `${field} must be ${expected}; got ${quote(value)}`;
}

/**
 * The errors without those about shapes that a value does not have: `temperature: 0` is too small, and that it is no object
 * either helps nobody.
 */
function withoutOtherShapes(errors: readonly SchemaError[]): SchemaError[] {
  const torn = new Set(errors.filter(({ keyword }) => keyword === 'anyOf').map((e) => e.instancePath));
  // A word that is none of those of one shape may have been meant for another one, as "on" for a list.
  const isOtherShape = ({ keyword, instancePath }: SchemaError) =>
    torn.has(instancePath) && ['type', 'const', 'enum'].includes(keyword);
  const isNoise = (error: SchemaError) =>
    isOtherShape(error) || (torn.has(error.instancePath) && error.keyword === 'anyOf');
  const telling = [...torn].filter((path) =>
    errors.some((error) => !isNoise(error) && error.instancePath.startsWith(path)),
  );
  // Where every shape fails by its type or its only values, the sentence that lists the shapes says it best.
  return errors.filter((error) =>
    telling.includes(error.instancePath) ? !isNoise(error) : !isOtherShape(error),
  );
}

/** Names the field, what would be right and what was sent. */
function sentenceOf(error: SchemaError, whole: string): string {
  const { keyword, params, parentSchema = {}, data } = error;
  const path = fieldPath(error.instancePath);
  const field = path || whole;
  // What the schema suggests to somebody who wants more than it takes.
  const wantsMore = keyword === 'maxItems' && typeof parentSchema['x-hint'] === 'string';
  const hint = wantsMore ? `; ${parentSchema['x-hint']}` : '';
  switch (keyword) {
    case 'required': {
      const missing = String(params.missingProperty);
      const { [missing]: expected = {} } = (parentSchema.properties ?? {}) as Record<string, JsonSchema>;
      const shape = shapeOf(parentSchema);
      const field = join(path, missing);
      return shape && expected.description
        ? `${field} is missing; ${shape.kind} needs it: ${within(String(expected.description))}`
        : mustBe(field, describe(expected), undefined);
    }
    case 'additionalProperties': {
      const known = Object.keys((parentSchema.properties as object | undefined) ?? {});
      const name = String(params.additionalProperty);
      const unknown = join(path, short(name));
      const shape = shapeOf(parentSchema);
      const owners = ownersOf(parentSchema, name);
      if (shape && owners.length > 0) {
        const has = shape.members.length > 0 ? shape.members.join(', ') : 'no options';
        return `${unknown} belongs to ${owners.join(', ')}; leave it out for ${shape.kind} (${shape.kind} has ${has})`;
      }
      return `${unknown} is not known here; ${known.length > 0 ? `known are ${known.join(', ')}` : 'leave it out'}`;
    }
    // The member that says which of several shapes it is.
    case 'discriminator': {
      const { tag, tagValue } = params as { tag: string; tagValue: unknown };
      const shapes = parentSchema.oneOf as { properties: Record<string, JsonSchema> }[];
      const kinds = shapes.map(({ properties }) => properties[tag]!.const);
      const field = join(path, tag);
      if (tagValue === undefined) return `${field} is missing; it is one of ${kinds.join(', ')}`;
      const more = parentSchema['x-hint'] === undefined ? '' : `; ${parentSchema['x-hint']}`;
      return `${field} must be one of ${kinds.join(', ')}; got ${quote(tagValue)}${more}`;
    }
    case 'maxItems':
      return `${field} must have at most ${params.limit} entries; got ${(data as unknown[]).length}${hint}`;
    case 'minItems':
      return `${field} must have at least ${params.limit} ${params.limit === 1 ? 'entry' : 'entries'}; got ${(data as unknown[]).length}${hint}`;
    default:
      return mustBe(field, describe(parentSchema), data) + hint;
  }
}

/** A sentence as the end of another one. */
const within = (sentence: string) => `${sentence[0]!.toLowerCase()}${sentence.slice(1).replace(/\.$/, '')}`;

/** `/distillation/losses/0/temperature` -> `distillation.losses[0].temperature` */
function fieldPath(instancePath: string): string {
  let path = '';
  for (const segment of instancePath.split('/').slice(1)) {
    const name = segment.replaceAll('~1', '/').replaceAll('~0', '~');
    path = /^\d+$/.test(name) && path !== '' ? `${path}[${name}]` : join(path, name);
  }
  return path;
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function describe(schema: JsonSchema): string {
  if (typeof schema['x-must-be'] === 'string') return schema['x-must-be'];
  if (Array.isArray(schema.enum)) return `one of ${schema.enum.join(', ')}`;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (Array.isArray(schema.anyOf)) return schema.anyOf.map(describe).join(' or ');
  switch (schema.type) {
    case 'integer':
      return `a whole number${range(schema)}`;
    case 'number':
      return `a number${range(schema)}`;
    case 'boolean':
      return 'true or false';
    case 'array':
      return 'a list';
    case 'object':
      return 'an object';
    case 'null':
      return 'null';
    case 'string':
      return describeText(schema);
    default:
      return 'something else';
  }
}

function describeText(schema: JsonSchema): string {
  const { minLength, maxLength } = schema;
  if (minLength !== undefined && maxLength !== undefined)
    return `text of ${minLength}-${maxLength} characters`;
  return maxLength === undefined ? 'text' : `text of at most ${maxLength} characters`;
}

function range(schema: JsonSchema): string {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  const bounds = [
    minimum === undefined ? '' : `>= ${minimum}`,
    exclusiveMinimum === undefined ? '' : `> ${exclusiveMinimum}`,
    maximum === undefined ? '' : `<= ${maximum}`,
    exclusiveMaximum === undefined ? '' : `< ${exclusiveMaximum}`,
  ].filter((bound) => bound !== '');
  return bounds.length === 0 ? '' : ` ${bounds.join(' and ')}`;
}

function quote(data: unknown): string {
  if (Array.isArray(data)) return 'a list';
  if (typeof data === 'object' && data !== null) return 'an object';
  // 1e999 is valid JSON and reads as Infinity, which JSON.stringify would show as null.
  const text = typeof data === 'string' ? JSON.stringify(data) : String(data);
  return short(text);
}

function short(text: string): string {
  return text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE).toWellFormed()}...` : text;
}
