import { describe, expect, it } from 'vitest';
import {
  choiceOf,
  columnsOption,
  FEATURE,
  FIELDS_OF,
  mappingOf,
  missingFields,
  unmappable,
  withField,
} from '../../../../src/console/pages/data/mapping.ts';
import { FIELDS } from '../../../../src/ingest/mapping/fields.ts';

const COLUMNS = [
  { column: 'visitor', field: 'userId', examples: [] },
  { column: 'sku', field: null, examples: [] },
  { column: 'stars', field: 'rating', examples: [] },
];

describe('mapping of columns', () => {
  it('becomes the option columns, without what is passed over', () => {
    const mapping = mappingOf({ columns: COLUMNS });
    expect(missingFields('interactions', mapping)).toEqual(['itemId']);
    expect(columnsOption(mapping)).toBe('userId:visitor,rating:stars');
    expect(columnsOption(withField(mapping, 'sku', 'itemId'))).toBe('userId:visitor,itemId:sku,rating:stars');
    expect(columnsOption([{ column: 'a', field: '' }])).toBeUndefined();
  });

  it('gives a field to one column', () => {
    const swapped = withField(mappingOf({ columns: COLUMNS }), 'sku', 'userId');
    expect(swapped.map(({ field }) => field)).toEqual(['', 'userId', 'rating']);
  });

  it('makes features of other columns of items, named after the end of a path', () => {
    const mapping = [
      { column: 'id', field: 'itemId' },
      { column: 'meta.tags[].colour', field: '' },
    ];
    const [, feature] = withField(mapping, 'meta.tags[].colour', FEATURE);
    expect(feature).toEqual({ column: 'meta.tags[].colour', field: 'colour' });
    expect(choiceOf('items', 'colour')).toBe(FEATURE);
    expect(choiceOf('items', 'title')).toBe('title');
  });

  it('says which columns the option cannot name', () => {
    expect(unmappable('plain name')).toBeNull();
    expect(unmappable('a,b')).toMatch(/comma/);
  });

  it('offers only fields that an import knows', () => {
    for (const [kind, fields] of Object.entries(FIELDS_OF))
      for (const field of fields) expect(FIELDS[kind as keyof typeof FIELDS].types).toHaveProperty(field);
  });
});
