import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { documentedSchema } from '../../../src/http/docs/json-schema.ts';
import { shareSchemas } from '../../../src/http/docs/share-schemas.ts';

const Point = Type.Object({ x: Type.Number(), y: Type.Number() }, { description: 'A place.' });
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

function share(named: Record<string, object>, ...uses: object[]) {
  const schemas = Object.entries(named).map(([name, schema]) => [name, documentedSchema(schema)]);
  const places = uses.map((schema, i) => [`use ${i}`, documentedSchema(schema)] as const);
  const { refer, definitions } = shareSchemas(Object.fromEntries(schemas), places);
  return { shared: places.map(([, schema]) => refer(schema)), definitions: definitions() };
}

describe('documentedSchema', () => {
  it('says what a number and a text are, and knows no extension of ours', () => {
    const schema = Type.Object({
      share: Type.Number({ maximum: 1 }),
      count: Type.Integer(),
      state: Type.Enum(['on', 'off']),
      byName: Type.Record(Type.String(), Type.Number()),
      rows: Type.Array(Type.Unknown(), { 'x-hint': 'send a file' }),
    });
    expect(documentedSchema(schema).properties).toEqual({
      share: { type: 'number', maximum: 1, format: 'double' },
      count: { type: 'integer' },
      state: { type: 'string', enum: ['on', 'off'] },
      byName: { type: 'object', additionalProperties: { type: 'number', format: 'double' } },
      rows: { type: 'array', items: {} },
    });
  });
});

describe('a union by kind', () => {
  const shape = (kind: string) => Type.Object({ kind: Type.Literal(kind), [kind]: Type.Integer() });
  const union = (more: object) => ({
    type: 'object',
    oneOf: [shape('a'), shape('b')],
    discriminator: { propertyName: 'kind' },
    description: 'One of two.',
    ...more,
  });

  it('is its members and what tells them apart', () => {
    const { oneOf, ...others } = documentedSchema(union({}));
    expect(oneOf).toHaveLength(2);
    expect(others).toEqual({ discriminator: { propertyName: 'kind' }, description: 'One of two.' });
  });

  it('says which kind may be left out', () => {
    const implied = { properties: { kind: { type: 'string', default: 'b' } } };
    const { oneOf, ...others } = documentedSchema(union(implied));
    expect((oneOf as { required: string[] }[]).map(({ required }) => required)).toEqual([
      ['kind', 'a'],
      ['b'],
    ]);
    expect(others).toEqual({ description: 'One of two.' });
  });
});

describe('shareSchemas', () => {
  it('refers to a named shape wherever it stands, with what is said of it there', () => {
    const Line = Type.Object({ from: Point, to: Type.Optional({ ...Point, description: 'The end.' }) });
    const { shared, definitions } = share({ Point, Unused: Type.Object({ z: Type.Null() }) }, Line);
    expect(shared[0]!.properties).toEqual({
      from: ref('Point'),
      to: { ...ref('Point'), description: 'The end.' },
    });
    expect(Object.keys(definitions)).toEqual(['Point']);
    expect(definitions.Point!.description).toBe('A place.');
  });

  it('gives a name to what stands in two places, after the first, and to nothing else', () => {
    const Inner = Type.Object({ a: Type.String() });
    const once = Type.Object({ only: Type.Object({ b: Type.String() }) });
    const { shared, definitions } = share(
      {},
      Type.Object({ inner: Inner }),
      Type.Object({ other: Type.Array(Inner) }),
      once,
    );
    expect(shared[0]!.properties).toEqual({ inner: ref('Use0Inner') });
    expect(shared[1]!.properties).toEqual({ other: { type: 'array', items: ref('Use0Inner') } });
    expect(shared[2]).toEqual(documentedSchema(once));
    expect(Object.keys(definitions)).toEqual(['Use0Inner']);
  });

  it('does not take one shape for another that only looks like it', () => {
    const Wider = Type.Object({ x: Type.Number(), y: Type.Optional(Type.Number()) });
    expect(share({ Point }, Wider).shared[0]).toEqual(documentedSchema(Wider));
  });

  it('names the members of a union by the constant that tells them apart', () => {
    const AnimalSpec = Type.Union([
      Type.Object({ kind: Type.Literal('house-cat'), lives: Type.Integer() }),
      // An old name that is still read.
      Type.Object({ kind: Type.Enum(['dog', 'hound']), lives: Type.Integer() }),
    ]);
    const { shared, definitions } = share({ AnimalSpec }, Type.Object({ pet: AnimalSpec }));
    expect(shared[0]!.properties).toEqual({ pet: ref('AnimalSpec') });
    expect(definitions.AnimalSpec).toEqual({
      anyOf: [ref('HouseCatAnimal'), ref('DogAnimal')],
      discriminator: {
        propertyName: 'kind',
        mapping: {
          'house-cat': ref('HouseCatAnimal').$ref,
          dog: ref('DogAnimal').$ref,
          hound: ref('DogAnimal').$ref,
        },
      },
    });
  });

  it('takes the title of a shape for its name', () => {
    const House = Type.Object({ rooms: Type.Integer() }, { title: 'House' });
    const Other = Type.Object({ doors: Type.Integer() }, { title: 'House' });
    const { shared, definitions } = share({}, Type.Object({ a: House, b: Other }));
    expect(shared[0]!.properties).toEqual({ a: ref('House'), b: ref('House2') });
    expect(Object.keys(definitions)).toEqual(['House', 'House2']);
  });

  it('has no discriminator where the constant may be left out', () => {
    const Spec = Type.Union([
      Type.Object({ kind: Type.Optional(Type.Literal('a')), x: Type.Integer() }),
      Type.Object({ kind: Type.Literal('b') }),
    ]);
    const { definitions } = share({ Spec }, Spec);
    expect(definitions.Spec).toEqual({ anyOf: [ref('A'), ref('B')] });
  });
});
