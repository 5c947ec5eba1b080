import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { problem } from '../../core/errors.ts';

/** Schema for the settings of a teacher behind another one, which reads them itself. */
export const SomeSettings = Type.Unsafe<{ kind: string } & Record<string, unknown>>(
  Type.Object({ kind: Type.String() }),
);

const MOST_REASONS = 3;

/**
 * The settings of a teacher at rest, checked.
 * @param earlier those that earlier releases did not write, as they were then
 * @throws problem('invalid-artifact') that names the fields
 */
export function readSettings<S extends TSchema>(
  schema: S,
  settings: Record<string, unknown>,
  earlier: object = {},
): Static<S> {
  const whole: unknown = { ...earlier, ...settings };
  if (Value.Check(schema, whole)) return whole;
  const reasons = [...Value.Errors(schema, whole)]
    .slice(0, MOST_REASONS)
    .map(({ instancePath, message }) => `settings${instancePath.replaceAll('/', '.')} ${message}`);
  throw problem(
    'invalid-artifact',
    `The stored teacher ${JSON.stringify(settings.kind)} cannot be used: ${reasons.join('; ')}`,
  );
}
