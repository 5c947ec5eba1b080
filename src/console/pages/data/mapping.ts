import type { ImportKind } from '../../../domain/data/import-kind.ts';
import type { ImportPreview } from '../../../domain/data/import-preview.ts';

/** Columns with what each becomes: a field by its name, or '' where it is passed over. */
export type Mapping = readonly { column: string; field: string }[];

/** Value of a choice that makes a column a feature by its own name. */
export const FEATURE = '*feature';

/** Fields that a column may become, by kind of rows; items and users take any other column as a feature. */
export const FIELDS_OF: Record<ImportKind, readonly string[]> = {
  interactions: ['userId', 'itemId', 'type', 'rating', 'value', 'timestamp', 'eventId', 'context'],
  items: ['itemId', 'title', 'categories', 'labels', 'hidden', 'availableFrom', 'availableUntil'],
  users: ['userId'],
  teacher: ['userId', 'itemId', 'score'],
};

export const REQUIRED_OF: Record<ImportKind, readonly string[]> = {
  interactions: ['userId', 'itemId'],
  items: ['itemId'],
  users: ['userId'],
  teacher: ['userId', 'itemId', 'score'],
};

export const takesFeatures = (kind: ImportKind): boolean => kind === 'items' || kind === 'users';

/** How the columns of a file are read as it is. */
export function mappingOf({ columns }: Pick<ImportPreview, 'columns'>): Mapping {
  return columns.map(({ column, field }) => ({ column, field: field ?? '' }));
}

/** The option `columns` for a mapping by hand; undefined where nothing is mapped. */
export function columnsOption(mapping: Mapping): string | undefined {
  const pairs = mapping.filter(({ field }) => field !== '');
  return pairs.length === 0 ? undefined : pairs.map(({ column, field }) => `${field}:${column}`).join(',');
}

/** The mapping with one column changed. A field belongs to one column: another that had it is passed over. */
export function withField(mapping: Mapping, column: string, choice: string): Mapping {
  const field = choice === FEATURE ? featureName(column) : choice;
  return mapping.map((one) => {
    if (one.column === column) return { column, field };
    return field !== '' && one.field === field ? { ...one, field: '' } : one;
  });
}

/** The choice that stands for what a column becomes. */
export function choiceOf(kind: ImportKind, field: string): string {
  if (field === '' || FIELDS_OF[kind].includes(field)) return field;
  return takesFeatures(kind) ? FEATURE : field;
}

/** Why a column cannot be mapped by hand; null where it can. The option has no escape for these signs. */
export function unmappable(column: string): string | null {
  return /[,|]/.test(column) ? 'Its name has a comma or a bar, which the option columns cannot hold.' : null;
}

/** Fields that the rows need and no column becomes. */
export function missingFields(kind: ImportKind, mapping: Mapping): string[] {
  return REQUIRED_OF[kind].filter((field) => !mapping.some((one) => one.field === field));
}

/** A column is named by a path into JSON at times; its feature has the last name of it. */
function featureName(column: string): string {
  return column.replaceAll('[]', '').split('.').at(-1)!;
}
