import { type TObject, type TUnsafe, Type } from 'typebox';

/** Shapes that are told apart by their `kind`, as JSON schema. */
export interface UnionByKind {
  oneOf: readonly TObject[];
  discriminator: { propertyName: 'kind' };
  description?: string;
  /** For somebody who names a kind that is not among them. */
  'x-hint'?: string;
}

/**
 * The schema of a union, from one object for each kind with `kind` as a constant. One whose `kind` is optional is meant
 * where a value has no kind but what that shape requires.
 */
export function unionByKind<T>(
  shapes: readonly TObject[],
  more: Pick<UnionByKind, 'description' | 'x-hint'> = {},
): TUnsafe<T> & UnionByKind {
  return Type.Unsafe<T>({
    ...more,
    oneOf: shapes,
    discriminator: { propertyName: 'kind' },
  }) as TUnsafe<T> & UnionByKind;
}

export const isUnionByKind = (schema: object): schema is UnionByKind =>
  'oneOf' in schema && 'discriminator' in schema;

/** The place of the shape that a value says it has, or -1. */
export function shapeOf({ oneOf }: UnionByKind, value: Record<string, unknown>): number {
  if (value.kind !== undefined) return oneOf.findIndex((shape) => kindOf(shape) === value.kind);
  return oneOf.findIndex((shape) => isImplicit(shape) && missingFrom(shape, value) === undefined);
}

/**
 * The first thing wrong with a value's kind or with the names of its options, or null. An option of another kind is told
 * from one that nobody knows.
 * @param field the value's, as in `teacher`
 */
export function kindProblem(
  union: UnionByKind,
  value: Record<string, unknown>,
  field: string,
): string | null {
  const shape = union.oneOf[shapeOf(union, value)];
  if (!shape) return unknownKind(union, value.kind, field);
  const kind = kindOf(shape);
  const missing = missingFrom(shape, value);
  if (missing !== undefined) {
    const { description } = shape.properties[missing] as { description?: string };
    return `${field}.${missing} is missing; ${kind} needs it${description ? `: ${description}` : ''}`;
  }
  const odd = Object.keys(value).find((name) => value[name] !== undefined && !(name in shape.properties));
  if (odd === undefined) return null;
  const owners = union.oneOf.filter(({ properties }) => odd in properties).map(kindOf);
  const own = Object.keys(shape.properties).filter((name) => name !== 'kind');
  const has = own.length > 0 ? `${kind} has ${own.join(', ')}` : `${kind} has no options`;
  return owners.length > 0
    ? `${field}.${odd} belongs to ${owners.join(', ')}; leave it out for ${kind} (${has})`
    : `${field}.${odd} is not known here; ${has}`;
}

function unknownKind({ oneOf, 'x-hint': hint }: UnionByKind, kind: unknown, field: string): string {
  const kinds = oneOf.map(kindOf).join(', ');
  if (kind !== undefined) {
    return `${field}.kind must be one of ${kinds}; got ${JSON.stringify(kind)}${hint ? `; ${hint}` : ''}`;
  }
  const implicit = oneOf
    .filter(isImplicit)
    .map((shape) => `, or ${field}.${shape.required?.join(', ')} for one that is ${kindOf(shape)}`);
  return `${field}.kind is missing; name one of ${kinds}${implicit.join('')}`;
}

const kindOf = ({ properties }: TObject): string => (properties.kind as { const?: string }).const ?? '';
const isImplicit = ({ required }: TObject) => !required?.includes('kind');
const missingFrom = ({ required }: TObject, value: Record<string, unknown>) =>
  required?.find((name) => value[name] === undefined);
