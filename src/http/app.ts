import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { type FastifyBaseLogger, fastify, LogController } from 'fastify';
import type { App } from './app-type.ts';
import { installComponents } from './components.ts';
import { sendConnectionProblem } from './connection-problem.ts';
import type { AppDeps } from './deps.ts';
import { installAuth } from './plugins/auth.ts';
import { installBodies } from './plugins/bodies.ts';
import { installErrors, sendRoutingError } from './plugins/errors.ts';
import { installLocalOnly } from './plugins/local-only.ts';
import { collectMethods } from './plugins/method-not-allowed.ts';
import { installMetrics } from './plugins/metrics.ts';
import { installOpenapi } from './plugins/openapi.ts';
import { installRequests, requestIdOf } from './plugins/requests.ts';
import { installValidation } from './plugins/validation.ts';
import { itemRoutes, userRoutes } from './routes/catalogue.ts';
import { changeItemRoutes, changeUserRoutes } from './routes/catalogue-changes.ts';
import { deletionRoutes } from './routes/deletions.ts';
import { exportRoutes } from './routes/exports.ts';
import { externalTeacherRoutes } from './routes/external-teachers.ts';
import { healthRoutes } from './routes/health.ts';
import { importRoutes } from './routes/imports.ts';
import { interactionRoutes } from './routes/interactions.ts';
import { jobCancelRoute } from './routes/job-cancel.ts';
import { jobEventRoutes } from './routes/job-events.ts';
import { jobLogRoutes } from './routes/job-logs.ts';
import { jobRetryRoute } from './routes/job-retry.ts';
import { jobRoutes } from './routes/jobs.ts';
import { labelRoutes } from './routes/labels.ts';
import { modelAliasRoutes } from './routes/model-aliases.ts';
import { modelFileRoutes } from './routes/model-files.ts';
import { modelRoutes } from './routes/models.ts';
import { onlineRoutes } from './routes/online.ts';
import { queueRoutes } from './routes/queue.ts';
import { queueBoardRoutes } from './routes/queue-board.ts';
import { rankRoutes } from './routes/rank.ts';
import { recommendRoutes } from './routes/recommend.ts';
import { sessionRoutes } from './routes/recommend-session.ts';
import { rejectRoutes } from './routes/rejects.ts';
import { ruleRoutes } from './routes/rules.ts';
import { scheduleRoutes } from './routes/schedules.ts';
import { similarRoutes } from './routes/similar.ts';
import { statsRoutes } from './routes/stats.ts';
import { workerRoutes } from './routes/workers.ts';

/** The whole HTTP service on what it is given. Never listens and never reads the environment: bin/api.ts does. */
export function buildApp(deps: AppDeps): App {
  const app = createServer(deps);
  installRequests(app);
  installErrors(app);
  installValidation(app);
  installBodies(app);
  installComponents(app);
  // Response schemas are documentation that tests hold every answer to. Compiled serializers would drop what an older
  // release stored and fail on unions, and building them takes a fifth of the time to start.
  app.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
  if (deps.apiKeys.length === 0) installLocalOnly(app);
  installAuth(app, deps.apiKeys);
  const refuseOtherMethods = collectMethods(app);

  installOpenapi(app);
  installMetrics(app, deps);
  // Each in a scope of its own: the content types that one accepts are not those of the next.
  app.register(interactionRoutes(deps));
  app.register(itemRoutes(deps));
  app.register(userRoutes(deps));
  app.register(changeItemRoutes(deps));
  app.register(changeUserRoutes(deps));
  app.register(deletionRoutes(deps));
  app.register(importRoutes(deps));
  app.register(exportRoutes(deps));
  app.register(statsRoutes(deps));
  app.register(jobRoutes(deps));
  app.register(rejectRoutes(deps));
  app.register(jobCancelRoute(deps));
  app.register(jobRetryRoute(deps));
  app.register(jobEventRoutes(deps));
  app.register(jobLogRoutes(deps));
  app.register(queueRoutes(deps));
  app.register(scheduleRoutes(deps));
  app.register(modelRoutes(deps));
  app.register(modelAliasRoutes(deps));
  app.register(modelFileRoutes(deps));
  app.register(externalTeacherRoutes(deps));
  app.register(onlineRoutes(deps));
  app.register(recommendRoutes(deps));
  app.register(sessionRoutes(deps));
  app.register(similarRoutes(deps));
  app.register(rankRoutes(deps));
  app.register(labelRoutes(deps));
  app.register(ruleRoutes(deps));
  app.register(workerRoutes(deps));
  app.register(queueBoardRoutes(deps));
  app.register(healthRoutes(deps));
  app.register(async () => refuseOtherMethods());
  return app;
}

function createServer(deps: AppDeps): App {
  const server = fastify({
    loggerInstance: deps.logger as FastifyBaseLogger,
    // Fastify's own lines show URLs, and URLs hold the ids of people.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    // A request that comes while we close is still answered.
    return503OnClosing: false,
    genReqId: requestIdOf,
    // Longer than any URL can get, so that a long id is told why instead of "no such route".
    routerOptions: { maxParamLength: 16_384 },
    frameworkErrors: sendRoutingError,
    clientErrorHandler: sendConnectionProblem,
  });
  return server.withTypeProvider<TypeBoxTypeProvider>();
}
