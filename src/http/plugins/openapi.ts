import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { App } from '../app-type.ts';
import { describeService } from '../docs/document.ts';
import { type DocumentedRoute, documentedRoutes } from '../docs/route.ts';

/** Serves the document and its page. Must come before the routes that it documents. */
export function installOpenapi(app: App): void {
  const routes: DocumentedRoute[] = [];
  app.addHook('onRoute', (route) => {
    routes.push(...documentedRoutes(route));
  });
  app.register(swagger, {
    // The plugin writes no part of the document; it hands ours to the page.
    transform: ({ url }) => ({ schema: { hide: true }, url }),
    transformObject: () => describeService(routes),
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
  });
}
