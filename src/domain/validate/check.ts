import type { Static, TObject } from 'typebox';
import { compileLater, createAjv } from './ajv.ts';
import { type SchemaError, sentencesOf } from './sentences.ts';

export type Checked<T> = { ok: T } | { reason: string };

const ajv = createAjv();

/**
 * Checks values against a schema; the reason is one sentence about the first thing that is wrong.
 * @param whole what a value is called, such as `the row`
 * @param expected what a field must be, where the schema says it badly
 */
export function checkOf<S extends TObject>(
  schema: S,
  whole: string,
  expected: Readonly<Record<string, string>>,
): (value: unknown) => Checked<Static<S>> {
  const properties = Object.entries(schema.properties).map(([name, property]) => [
    name,
    { ...(property as object), ...(expected[name] !== undefined && { 'x-must-be': expected[name] }) },
  ]);
  const validate = compileLater(ajv, {
    ...schema,
    properties: Object.fromEntries(properties),
    'x-must-be': `an object with ${Object.keys(schema.properties).join(', ')}`,
  });
  return (value) => {
    if (validate(value)) return { ok: value as Static<S> };
    const [reason = `${whole} is wrong`] = sentencesOf(validate.errors as unknown as SchemaError[], whole, 1);
    return { reason };
  };
}
