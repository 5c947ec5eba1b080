import { describe, expect, it } from 'vitest';
import { readFeatures } from '../../src/artifact/student/feature-tensors.ts';
import { quantizeRows } from '../../src/artifact/student/quantize.ts';
import { fromTensors, shapeOf, toTensors } from '../../src/artifact/student/student-tensors.ts';
import { createEncoder, type FeatureEncoding } from '../../src/features/encoding.ts';
import { typeOfField } from '../../src/features/field-type.ts';
import { fitEncoding } from '../../src/features/fit.ts';
import { sampleWeights } from '../artifact/sample-student.ts';

const items = (...values: unknown[]) =>
  values.map((embedding, i) => ({ itemId: `i${i}`, categories: ['x'], features: { embedding } }));
const typeOf = (...values: unknown[]) => typeOfField(items(...values), 'features.embedding', 'item');
const encodingOf = (values: unknown[], warn?: (message: string) => void) =>
  fitEncoding(items(...values), { option: 'features.items', noun: 'item', fields: true, buckets: 64, warn });
const rowOf = (encoding: FeatureEncoding, embedding: unknown) => {
  const row = new Float32Array(encoding.known.length);
  const { columns, values } = createEncoder(encoding)({ features: { embedding } });
  for (const [i, column] of columns.entries()) row[column] = values[i]!;
  return [...row];
};

describe('lists of numbers', () => {
  it('are vectors where all have one length, whole numbers or not, and missing ones are missing', () => {
    expect(typeOf([0.5, -1], [2, 3], null)).toEqual({ kind: 'vector', numbers: [], length: 2 });
    expect(typeOf([1, 0, 0], [0, 1, 0])).toEqual({ kind: 'vector', numbers: [], length: 3 });
  });

  it('are vectors with a warning where few are something else, which is missing', () => {
    const many = Array.from({ length: 19 }, (_, i) => [i + 0.5, 1]);
    expect(typeOf(...many, [1, 2, 3])).toEqual({
      kind: 'vector',
      numbers: [],
      length: 2,
      warning:
        'features.embedding is a list of 2 numbers for 19 items, but for 1 something else (such as [1,2,3] of item "i19"), which counts as missing; send lists of one length, or nothing',
    });
    expect(typeOf(...many, 'none')!.warning).toContain('such as "none" of item "i19"');
    expect(typeOf(...many, [1, null])!.warning).toContain('such as [1,null] of item "i19"');
  });

  it('are names where ids have several lengths, and with a warning where fractions do', () => {
    expect(typeOf([7, 12], [7], [3, 7, 12])).toEqual({ kind: 'tokens', numbers: [] });
    expect(typeOf([0.5, 1], [0.5, 1, 2])).toMatchObject({
      kind: 'tokens',
      warning: expect.stringMatching(/all of it is read as names; send lists of one length/),
    });
  });

  it('become rows of length 1 around the mean of training, beside what else is said', () => {
    const encoding = encodingOf([[1, 1], [3, 1], [2, 4], null]);
    expect(encoding.fields).toContainEqual({ name: 'features.embedding', kind: 'vector', mean: [2, 2] });
    // The category of all, and the two numbers.
    expect(encoding.known).toHaveLength(3);
    expect(encoding.known.slice(1)).toEqual([64, 65]);
    expect(rowOf(encoding, [5, 6])).toEqual([0, Math.fround(0.6), Math.fround(0.8)]);
    for (const silent of [[2, 2], [1, 2, 3], 'text', null])
      expect(rowOf(encoding, silent)).toEqual([0, 0, 0]);
    const both = createEncoder(encoding)({ categories: ['x'], features: { embedding: [5, 6] } });
    expect(Math.hypot(...both.values)).toBeCloseTo(1);
    expect(both.values[0]).toBeCloseTo(Math.SQRT1_2);
  });

  it('may have 2,048 numbers and no more', () => {
    const list = (length: number) => Array.from({ length }, (_, k) => k / 7);
    expect(encodingOf([list(2048), list(2048).reverse()]).known).toHaveLength(1 + 2048);
    expect(() => encodingOf([list(2049), list(2049)])).toThrow(
      'features.items: features.embedding is a list of 2049 numbers; a vector has 2048 at most',
    );
  });

  it('come back from an artifact, which is refused where columns of the numbers are missing', () => {
    const encoding = encodingOf([
      [1, 1],
      [3, 1],
    ]);
    const rows = quantizeRows(new Float32Array(12).fill(1), 3, 4);
    const weights = {
      ...sampleWeights(12, 4),
      features: { items: { encoding, itemsIn: rows, itemsOut: rows, itemBias: new Float32Array(3) } },
    };
    const shape = shapeOf(weights);
    expect(fromTensors(toTensors(weights), shape).features!.items!.encoding).toEqual(encoding);
    const wrong = toTensors(weights).set('F.known', {
      dtype: 'I32',
      shape: [3],
      data: Int32Array.of(1, 2, 65),
    });
    expect(() => readFeatures(wrong, shape.features!, { d: 4, h: 4, tied: false })).toThrow(
      'F.known holds 2 at 1',
    );
  });
});
