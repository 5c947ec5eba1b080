import { Ajv, type Options, type ValidateFunction } from 'ajv';

/**
 * The one set-up of the validator. An unknown field is refused, not silently dropped, and errors carry schema and data, of
 * which `sentencesOf` makes sentences. Schemas may say in `x-must-be` what a value must be, where their keywords say it
 * badly, in `x-hint` what to do who wants more than they take, and
 * in `x-id` that a text is an id, see `cleanBody`.
 */
export function createAjv(options: Options = {}): Ajv {
  // validateSchema off: compiling the meta-schema costs a tenth of a second at every start, and TypeBox's types check ours.
  const ajv = new Ajv({
    useDefaults: true,
    removeAdditional: false,
    verbose: true,
    validateSchema: false,
    discriminator: true,
    ...options,
  });
  return ajv.addVocabulary(['x-must-be', 'x-hint', 'x-id']);
}

/** Compiles at the first value: for all routes together it is a good part of the time to start. */
export function compileLater(ajv: Ajv, schema: object) {
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
