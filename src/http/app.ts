import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { type FastifyBaseLogger, fastify, LogController } from 'fastify';
import { createAuditLog } from './access/audit-log.ts';
import { addressesAs } from './access/callers.ts';
import { createKeyRing } from './access/key-ring.ts';
import { createLastUses } from './access/last-uses.ts';
import type { App } from './app-type.ts';
import { sendConnectionProblem } from './connection-problem.ts';
import type { AppDeps } from './deps.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { installMetrics } from './metrics/registry.ts';
import { installAudit } from './plugins/audit.ts';
import { installAuth } from './plugins/auth.ts';
import { installBodies } from './plugins/bodies.ts';
import { installBrowsers } from './plugins/browsers.ts';
import { installClosedQueries } from './plugins/closed-queries.ts';
import { installConnections } from './plugins/connections.ts';
import { installErrors, sendRoutingError } from './plugins/errors.ts';
import { installEtags } from './plugins/etags.ts';
import { installLeaving } from './plugins/leaving.ts';
import { installLocalOnly } from './plugins/local-only.ts';
import { collectMethods } from './plugins/method-not-allowed.ts';
import { installOpenapi } from './plugins/openapi.ts';
import { installOverload } from './plugins/overload.ts';
import { installRateLimit } from './plugins/rate-limit.ts';
import { installRequests, requestIdOf } from './plugins/requests.ts';
import { installTracing } from './plugins/tracing.ts';
import { installValidation } from './plugins/validation.ts';
import { createSlowWrongKeys } from './plugins/wrong-keys.ts';
import { auditRoutes } from './routes/access/audit.ts';
import { keyRoutes } from './routes/access/keys.ts';
import { whoamiRoute } from './routes/access/whoami.ts';
import { answerRoutes } from './routes/answers.ts';
import { itemRoutes } from './routes/catalogue/items.ts';
import { mergeRoutes } from './routes/catalogue/merge.ts';
import { userRoutes } from './routes/catalogue/users.ts';
import { consoleRoutes } from './routes/console.ts';
import { deletionRoutes } from './routes/deletions.ts';
import { eventTypeRoutes } from './routes/event-types.ts';
import { exportAllRoute } from './routes/export-all.ts';
import { exportRoutes } from './routes/exports.ts';
import { healthRoutes } from './routes/health.ts';
import { importPreviewRoutes } from './routes/import-preview.ts';
import { importRoutes } from './routes/imports.ts';
import { interactionRoutes } from './routes/interactions.ts';
import { jobCancelRoute } from './routes/jobs/cancel.ts';
import { jobEventRoutes } from './routes/jobs/events.ts';
import { jobRoutes } from './routes/jobs/jobs.ts';
import { jobLogRoutes } from './routes/jobs/logs.ts';
import { jobPlanRoute } from './routes/jobs/plan.ts';
import { rejectRoutes } from './routes/jobs/rejects.ts';
import { jobRetryRoute } from './routes/jobs/retry.ts';
import { jobSearchRoute } from './routes/jobs/search.ts';
import { labelRoutes } from './routes/labels.ts';
import { listRoutes } from './routes/lists.ts';
import { metricsRoutes } from './routes/metrics.ts';
import { modelAliasRoutes } from './routes/models/aliases.ts';
import { compareRoutes } from './routes/models/compare.ts';
import { defaultModelRoutes } from './routes/models/default-model.ts';
import { driftRoutes } from './routes/models/drift.ts';
import { modelFileRoutes } from './routes/models/files.ts';
import { manageModelRoutes } from './routes/models/manage.ts';
import { modelRoutes } from './routes/models/models.ts';
import { onlineRoutes } from './routes/models/online.ts';
import { policyRoutes } from './routes/models/policy.ts';
import { rollbackRoutes } from './routes/models/rollback.ts';
import { trafficRoutes } from './routes/models/traffic.ts';
import { versionRoutes } from './routes/models/versions.ts';
import { noticeRoutes } from './routes/notices.ts';
import { queueBoardRoutes, queueRoutes } from './routes/queue.ts';
import { rankRoutes } from './routes/rank.ts';
import { recommendRoutes } from './routes/recommend.ts';
import { recommendNextRoutes } from './routes/recommend-next.ts';
import { ruleRoutes } from './routes/rules.ts';
import { scheduleRoutes } from './routes/schedules.ts';
import { settingRoutes } from './routes/settings.ts';
import { similarRoutes } from './routes/similar.ts';
import { similarUserRoutes } from './routes/similar-users.ts';
import { statsRoutes } from './routes/stats.ts';
import { externalTeacherRoutes } from './routes/teachers.ts';
import { webhookRoutes } from './routes/webhooks.ts';
import { workerRoutes } from './routes/workers.ts';

const ROUTES: ((deps: AppDeps) => (app: App) => Promise<void>)[] = [
  interactionRoutes,
  eventTypeRoutes,
  itemRoutes,
  userRoutes,
  mergeRoutes,
  deletionRoutes,
  importPreviewRoutes,
  importRoutes,
  exportRoutes,
  exportAllRoute,
  statsRoutes,
  jobRoutes,
  jobPlanRoute,
  rejectRoutes,
  jobCancelRoute,
  jobRetryRoute,
  jobSearchRoute,
  jobEventRoutes,
  jobLogRoutes,
  queueRoutes,
  scheduleRoutes,
  noticeRoutes,
  webhookRoutes,
  modelRoutes,
  modelAliasRoutes,
  rollbackRoutes,
  compareRoutes,
  driftRoutes,
  versionRoutes,
  manageModelRoutes,
  defaultModelRoutes,
  modelFileRoutes,
  externalTeacherRoutes,
  onlineRoutes,
  trafficRoutes,
  policyRoutes,
  recommendRoutes,
  recommendNextRoutes,
  similarRoutes,
  similarUserRoutes,
  rankRoutes,
  listRoutes,
  labelRoutes,
  ruleRoutes,
  workerRoutes,
  keyRoutes,
  whoamiRoute,
  auditRoutes,
  settingRoutes,
  queueBoardRoutes,
  healthRoutes,
  consoleRoutes,
];

/** Days for which the audit is kept unless a setting says otherwise. */
const AUDIT_DAYS = 365;
const STUCK_MS = 120_000;
/** How often Node looks for headers that take too long. */
const CHECK_MS = 1_000;

/** The whole HTTP service on what it is given. Never listens and never reads the environment: bin/api.ts does. */
export function buildApp(deps: AppDeps): App {
  const limits = { ...DEFAULT_LIMITS, ...deps.limits };
  const app = createServer(deps, limits);
  const addressOf = addressesAs(deps.logAddresses ?? 'plain', deps.secrets);
  installConnections(app, limits);
  installRequests(app, addressOf);
  installTracing(app, deps.tracer);
  installErrors(app, createSlowWrongKeys(limits.wrongKeysPerMinute, deps.now));
  installLeaving(app, deps.leaving);
  installValidation(app);
  installBodies(app);
  // Response schemas are documentation that tests hold every answer to. Compiled serializers would drop what an older
  // release stored and fail on unions, and building them takes a fifth of the time to start.
  app.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
  if (deps.apiKeys.length === 0) installLocalOnly(app);
  const { apiKeys, store, now, changes, logger } = deps;
  const ring = createKeyRing(apiKeys, store.keys, now, changes);
  installAuth(app, apiKeys, ring, createLastUses(store.keys, logger, now));
  const keepDays = deps.auditDays ?? AUDIT_DAYS;
  installAudit(app, createAuditLog({ store: store.audit, logger, now, keepDays }), addressOf, deps.secrets);
  installOverload(app, limits);
  installBrowsers(app, limits, apiKeys.length > 0 ? ring : null);
  installRateLimit(app, limits, { shared: deps.sharedCounts, now: deps.now });
  const refuseOtherMethods = collectMethods(app);

  installEtags(app);
  installClosedQueries(app);
  installOpenapi(app);
  const { registry, counts, answered } = installMetrics(app, deps);
  // Each in a scope of its own: the content types that one accepts are not those of the next.
  for (const routes of ROUTES) app.register(routes({ ...deps, counts }));
  app.register(metricsRoutes(registry, deps));
  app.register(answerRoutes(answered));
  app.register(async () => refuseOtherMethods());
  return app;
}

function createServer(deps: AppDeps, limits: Limits): App {
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
    trustProxy: limits.trustProxy.length > 0 && [...limits.trustProxy],
    keepAliveTimeout: limits.idleMs,
    // Neither side has said anything for so long: streams of events have heartbeats, and those of interactions their own time.
    connectionTimeout: STUCK_MS,
    http: { connectionsCheckingInterval: CHECK_MS },
  });
  return server.withTypeProvider<TypeBoxTypeProvider>();
}
