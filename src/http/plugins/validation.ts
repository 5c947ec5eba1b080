import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { problem } from '../../core/errors.ts';
import { compileLater, createAjv } from '../../domain/validate/ajv.ts';
import { cleanBody } from '../../domain/validate/clean-body.ts';
import { type SchemaError, sentencesOf } from '../../domain/validate/sentences.ts';
import type { App } from '../app-type.ts';

const WHOLE: Record<string, string> = { body: 'the body', querystring: 'the query', params: 'the path' };
const MOST_ERRORS = 10;

// One of each for all apps of a process, such as those of the tests: a schema that one has compiled is compiled for the next.
const forText = createAjv({ coerceTypes: 'array', allErrors: true });
const forBodies = createAjv();
const forSmallBodies = createAjv({ allErrors: true });

/** A query and a path are text, so numbers in them are converted and one value makes a list of one; a body has types of its own, see `cleanBody`. */
export function installValidation(app: App): void {
  app.setValidatorCompiler(({ schema, httpPart }) =>
    httpPart === 'body' ? compileBody(forBodies, schema as object) : compileText(schema as object),
  );
  app.setSchemaErrorFormatter((errors, part) => {
    const found = (errors as unknown as SchemaError[]).map(withoutBody);
    const sentences = sentencesOf(found, WHOLE[part] ?? part, MOST_ERRORS);
    const extra = sentences.length > 1 ? { errors: sentences } : {};
    const isId = part === 'params' && /id$/i.test(found[0]?.instancePath ?? '');
    return problem(isId ? 'invalid-id' : 'invalid-request', `${sentences.join('; ')}.`, extra);
  });
}

/** Fastify hands on null where there is no body. */
function withoutBody(error: SchemaError): SchemaError {
  return error.instancePath === '' && error.data === null ? { ...error, data: undefined } : error;
}

/**
 * Names every wrong field at once. Only for routes with a small body limit: a large hostile body could have millions
 * of errors, and each costs memory.
 */
export function allErrorsCompiler(): FastifySchemaCompiler<TSchema> {
  return ({ schema }) => compileBody(forSmallBodies, schema);
}

/** Ajv makes Infinity of a text such as 400 nines, and then asks no keyword of it: neither `maximum` nor `minimum`. */
function compileText(schema: object) {
  const validate = compileLater(forText, schema);
  const validateFinite = (values: Record<string, unknown>): boolean => {
    const isValid = validate(values) && (!makeFinite(values) || validate(values));
    validateFinite.errors = validate.errors;
    return isValid;
  };
  validateFinite.errors = validate.errors;
  return validateFinite;
}

/** Puts the largest number in the place of infinite ones. @returns whether there were any */
function makeFinite(values: Record<string, unknown>): boolean {
  const infinite = Object.entries(values).filter(([, value]) => Math.abs(value as number) === Infinity);
  for (const [name, value] of infinite) values[name] = Math.sign(value as number) * Number.MAX_VALUE;
  return infinite.length > 0;
}

function compileBody(ajv: ReturnType<typeof createAjv>, schema: object) {
  const validate = compileLater(ajv, schema);
  const validateCleaned = (body: unknown): boolean => {
    const isValid = validate(cleanBody(body, schema));
    validateCleaned.errors = validate.errors;
    return isValid;
  };
  validateCleaned.errors = validate.errors;
  return validateCleaned;
}
