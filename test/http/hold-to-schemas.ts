import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import type { App } from '../../src/http/app-type.ts';

/** Every JSON answer that a test gets must fit the schema that its route documents; one that does not becomes a 500. */
export function holdToSchemas(app: App): void {
  const ajv = formats.default(new Ajv({ strict: false }));
  for (const [name, schema] of Object.entries(app.getSchemas())) ajv.addSchema(schema as object, name);
  app.addHook('onSend', async (request, reply, payload) => {
    const response = request.routeOptions.schema?.response as Record<number, Documented> | undefined;
    const schema = response?.[reply.statusCode]?.content?.['application/json']?.schema;
    const isJson = String(reply.getHeader('content-type')).startsWith('application/json');
    if (!schema || !isJson || typeof payload !== 'string') return payload;
    if (!ajv.validate(schema, JSON.parse(payload)))
      throw new Error(`undocumented answer: ${ajv.errorsText()}: ${payload}`);
    return payload;
  });
}

interface Documented {
  content?: Record<string, { schema: object }>;
}
