import type { ImportKind } from '../../domain/data/import-kind.ts';
import { RATING_TYPE } from '../../domain/data/interaction.ts';
import type { Mapped } from '../read-rows.ts';
import { FIELDS } from './fields.ts';
import { Refused } from './values.ts';

/** A rating implies its type: where both are missing, the type is not what somebody has forgotten. */
const NO_RATING =
  'rating is empty, and no type is given; a rating must have a value, and type= says what rows without one are';

export type FieldValue = readonly [field: string, value: unknown];

/**
 * Makes the row that the checks of rows.ts read, out of its fields in any order. What is no field of a catalogue
 * becomes a feature, beside those of a field `features`; a rating is a value and implies its type.
 */
export function assembler(kind: ImportKind, defaultType: string | undefined) {
  const { types, features: hasFeatures } = FIELDS[kind];
  return (fields: readonly FieldValue[]): Mapped => {
    const row: Record<string, unknown> = {};
    let features: FieldValue[] | undefined;
    let rated = false;
    let isUnrated = false;
    for (let i = 0; i < fields.length; i++) {
      const [field, value] = fields[i]!;
      if (value === undefined || value === null) {
        if (field === 'rating') isUnrated = true;
        continue;
      }
      if (value instanceof Refused) return { reason: value.reason };
      if (hasFeatures && !Object.hasOwn(types, field)) {
        features ??= [];
        features.push([field, value]);
      } else if (field === 'rating' && kind === 'interactions') {
        row.value = value;
        rated = true;
      } else row[field] = value;
    }
    if (kind === 'interactions' && row.type === undefined) {
      const implied = rated ? RATING_TYPE : defaultType;
      if (implied === undefined && isUnrated) return { reason: NO_RATING };
      if (implied !== undefined) row.type = implied;
    }
    if (features) addFeatures(row, features);
    return { raw: row };
  };
}

function addFeatures(row: Record<string, unknown>, features: readonly FieldValue[]): void {
  const given = row.features;
  // What is not an object is left for the row's check to refuse.
  if (given === undefined || (typeof given === 'object' && given !== null && !Array.isArray(given))) {
    row.features = { ...given, ...Object.fromEntries(features) };
  }
}

/** Rows of a record that says several things at once, such as a basket. @param shared fields of all rows */
export function expanded(
  shared: readonly FieldValue[],
  entries: readonly (readonly FieldValue[])[],
  assemble: (fields: readonly FieldValue[]) => Mapped,
): Mapped[] {
  return entries.map((entry) => assemble([...shared, ...entry]));
}
