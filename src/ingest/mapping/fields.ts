import type { ImportKind } from '../../domain/data/import-kind.ts';

/** How a field's cell or JSON value is read. */
export type FieldType = 'id' | 'text' | 'type' | 'number' | 'time' | 'list' | 'json' | 'boolean';

interface Fields {
  types: Readonly<Record<string, FieldType>>;
  required: readonly string[];
  /** Columns that are no field become features. */
  features: boolean;
}

export const FIELDS: Record<ImportKind, Fields> = {
  interactions: {
    types: {
      userId: 'id',
      itemId: 'id',
      type: 'type',
      value: 'number',
      rating: 'number',
      timestamp: 'time',
      eventId: 'id',
      context: 'json',
      timestampSource: 'text',
    },
    required: ['userId', 'itemId'],
    features: false,
  },
  items: {
    types: {
      itemId: 'id',
      title: 'text',
      categories: 'list',
      labels: 'list',
      features: 'json',
      hidden: 'boolean',
      availableFrom: 'time',
      availableUntil: 'time',
    },
    required: ['itemId'],
    features: true,
  },
  users: { types: { userId: 'id', features: 'json' }, required: ['userId'], features: true },
  teacher: {
    types: { userId: 'id', itemId: 'id', score: 'number' },
    required: ['userId', 'itemId', 'score'],
    features: false,
  },
};

export function typeOfField(kind: ImportKind, field: string): FieldType | 'feature' {
  const { types } = FIELDS[kind];
  // hasOwn: a column may be called `constructor`.
  return Object.hasOwn(types, field) ? types[field]! : 'feature';
}
