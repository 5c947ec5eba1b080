import type { Static, TObject, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Value } from 'typebox/value';

/**
 * Reads variables by the schema of all settings; an empty one counts as unset.
 * @throws Error that names each wrong variable and what would be right, by `x-must-be` where its schema says so
 */
export function readEnvironment<S extends TObject>(
  settings: S,
  env: Record<string, string | undefined>,
): Static<S> {
  const raw: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(settings.properties)) {
    const text = env[name];
    if (text !== undefined && text !== '') raw[name] = isNumeric(schema) ? toNumber(text) : text;
  }
  const values: unknown = Value.Default(settings, raw);
  const validator = Compile(settings);
  if (validator.Check(values)) return values as Static<S>;
  const reasons = validator.Errors(values).map(({ instancePath, message }) => {
    const name = instancePath.slice(1);
    const schema: object | undefined = settings.properties[name];
    if (schema && 'x-must-be' in schema) return `${name} must be ${schema['x-must-be']}`;
    if (schema && 'enum' in schema) return `${name} must be one of ${(schema.enum as string[]).join(', ')}`;
    return `${name} ${message}`;
  });
  throw new Error(`Settings are wrong: ${reasons.join('; ')}`);
}

function isNumeric(schema: TSchema): boolean {
  return 'type' in schema && (schema.type === 'integer' || schema.type === 'number');
}

/** Text that is no number stays text, so that the schema's message names it. */
function toNumber(text: string): unknown {
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}
