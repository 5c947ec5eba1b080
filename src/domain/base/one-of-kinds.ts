import { type TObject, type TSchema, Type } from 'typebox';

interface Family {
  tag: string;
  shapes: readonly TObject[];
}

/**
 * The schema of a value with several shapes, of which the member `tag` names one.
 * @param more `implied`: the kind of a value that names none; `hint`: for somebody who names a kind that is not among them
 */
export function oneOfKinds<T>(
  tag: string,
  shapes: readonly TObject[],
  description: string,
  { implied, hint }: { implied?: string; hint?: string } = {},
) {
  for (const shape of shapes) families.set(shape, { tag, shapes });
  return Type.Unsafe<T>({
    // Without it Ajv's discriminator lets everything pass that is no object.
    type: 'object',
    ...(implied !== undefined && { properties: { [tag]: { type: 'string', default: implied } } }),
    oneOf: shapes as unknown as TSchema[],
    discriminator: { propertyName: tag },
    description,
    ...(hint !== undefined && { 'x-hint': hint }),
  });
}

const families = new WeakMap<object, Family>();

/** A shape among those of the same value: its name and its members without the tag. Null for any other schema. */
export function shapeOf(shape: object): { kind: string; members: string[] } | null {
  const family = families.get(shape);
  if (!family) return null;
  const members = Object.keys((shape as TObject).properties).filter((name) => name !== family.tag);
  return { kind: kindOf(shape as TObject, family), members };
}

/** Names of the shapes of the same value that have a member which this shape has not. */
export function ownersOf(shape: object, member: string): string[] {
  const family = families.get(shape);
  const owners = family?.shapes.filter(({ properties }) => Object.hasOwn(properties, member)) ?? [];
  return owners.map((owner) => kindOf(owner, family!));
}

const kindOf = ({ properties }: TObject, { tag }: Family) =>
  String((properties[tag] as { const?: unknown }).const);

/** Name of a shape for clients that are generated: graph-filter and Teacher -> GraphFilterTeacher. */
export const titleOf = (kind: string, of: string) =>
  `${kind.replace(/(^|-)(\w)/g, (_all, _dash, letter: string) => letter.toUpperCase())}${of}`;
