import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { CODE_VERSION } from '../../core/version.ts';
import type { App } from '../app-type.ts';
import { problems } from '../docs/documentation.ts';

const DESCRIPTION = `Trains large recommenders, distils them into small ones, proves what the small one kept, and serves it.

Errors are problem documents (RFC 9457): branch on \`code\`, read \`detail\`. Lists are pages: give \`nextCursor\` as \`cursor\` to read on. Times are ISO-8601 in UTC. Ids in paths are percent-encoded; most HTTP clients drop the segments \`.\` and \`..\` from a path before they send it, however they are encoded.`;

const TAGS = [
  { name: 'data', description: 'Interactions, items and users' },
  { name: 'jobs', description: 'Distillations and imports' },
  { name: 'models', description: 'What the jobs made' },
  { name: 'recommendations', description: 'What it is all for' },
  { name: 'operations', description: 'Health' },
];

const REFUSALS = problems({
  unauthorized: 'Send an API key: "Authorization: Bearer <key>" or "x-api-key: <key>".',
  forbidden: 'This needs a key with the scope train; yours has read.',
  'not-local':
    'The Host header is "films.example". Without API keys this service answers only as localhost, 127.0.0.1 or [::1]; use one of them, or set API_KEYS and send a key.',
});

/** Must be registered before the routes that it documents. */
export function installOpenapi(app: App): void {
  app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Stillhouse', version: CODE_VERSION, description: DESCRIPTION },
      tags: TAGS,
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer' },
          apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
        },
      },
    },
    refResolver: {
      buildLocalReference: ({ $id }, _base, _fragment, index) => String($id ?? `schema-${index}`),
    },
    transform: ({ schema, url, route }) => {
      const { scope, documentedBody } = route.config ?? {};
      const body = documentedBody ? { body: documentedBody } : {};
      const open = scope === 'public' || scope === undefined;
      const security: Record<string, string[]>[] = open ? [] : [{ bearer: [scope] }, { apiKey: [scope] }];
      const { problems: failures, ...rest } = schema ?? {};
      const response = { ...(rest.response as object), ...failures, ...(open ? {} : REFUSALS) };
      return { schema: { ...rest, ...body, response, security }, url };
    },
  });
  app.register(swaggerUi, { routePrefix: '/docs' });
  app.register(async (scope: App) => {
    let text: string | undefined;
    scope.get(
      '/openapi.json',
      { config: { scope: 'public' }, schema: { hide: true } },
      async (_request, reply) => {
        text ??= JSON.stringify(app.swagger());
        return reply.type('application/json').send(text);
      },
    );
    scope.get('/', { config: { scope: 'public' }, schema: { hide: true } }, async (_request, reply) =>
      reply.redirect('/docs'),
    );
  });
}
