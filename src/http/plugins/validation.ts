import { Ajv, type Options, type ValidateFunction } from 'ajv';
import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { problem } from '../../core/errors.ts';
import type { App } from '../app-type.ts';
import { type SchemaError, sentenceOf, withoutOtherShapes } from '../docs/validation-sentences.ts';

const WHOLE: Record<string, string> = { body: 'the body', querystring: 'the query', params: 'the path' };
const MOST_ERRORS = 10;

/** A query and a path are text, so numbers in them are converted and one value makes a list of one; a body has types of its own and is taken at its word. */
export function installValidation(app: App): void {
  const forText = createAjv({ coerceTypes: 'array', allErrors: true });
  const forBodies = createAjv({});
  app.setValidatorCompiler(({ schema, httpPart }) =>
    compileLater(httpPart === 'body' ? forBodies : forText, schema as object),
  );
  app.setSchemaErrorFormatter((errors, part) => {
    const shown = withoutOtherShapes(errors as unknown as SchemaError[]).slice(0, MOST_ERRORS);
    const sentences = [...new Set(shown.map((error) => sentenceOf(error, WHOLE[part] ?? part)))];
    const extra = sentences.length > 1 ? { errors: sentences } : {};
    const isId = part === 'params' && /id$/i.test(shown[0]?.instancePath ?? '');
    return problem(isId ? 'invalid-id' : 'invalid-request', `${sentences.join('; ')}.`, extra);
  });
}

/**
 * Names every wrong field at once. Only for routes with a small body limit: a large hostile body could have millions
 * of errors, and each costs memory.
 */
export function allErrorsCompiler(): FastifySchemaCompiler<TSchema> {
  const ajv = createAjv({ allErrors: true });
  return ({ schema }) => compileLater(ajv, schema);
}

/** At the first request of a route: for all routes together it is a good part of the time to start. */
function compileLater(ajv: Ajv, schema: object) {
  let compiled: ValidateFunction | undefined;
  const validate = (data: unknown): boolean => {
    compiled ??= ajv.compile(schema);
    const isValid = compiled(data);
    validate.errors = compiled.errors;
    return isValid;
  };
  validate.errors = undefined as ValidateFunction['errors'];
  return validate;
}

function createAjv(options: Options): Ajv {
  // removeAdditional off: an unknown field is refused, not silently dropped. verbose: errors carry schema and data.
  // validateSchema off: compiling the meta-schema costs a tenth of a second at every start, and TypeBox's types check ours.
  const ajv = new Ajv({
    useDefaults: true,
    removeAdditional: false,
    verbose: true,
    validateSchema: false,
    discriminator: true,
    ...options,
  });
  ajv.addKeyword('x-hint');
  return ajv;
}
