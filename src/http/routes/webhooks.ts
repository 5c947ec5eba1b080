import { randomBytes } from 'node:crypto';
import { Type } from 'typebox';
import { messageOf, problem } from '../../core/errors.ts';
import { createWebhookAddresses, type WebhookAddresses } from '../../core/webhook-address.ts';
import { newJobId } from '../../domain/base/job-id.ts';
import { Page, PageQuery } from '../../domain/base/page.ts';
import { Delivery, DeliveryState, NewWebhook, Webhook, WebhookChange } from '../../domain/notices/webhook.ts';
import type { App } from '../app-type.ts';
import type { AppDeps } from '../deps.ts';
import { json, noContent } from '../docs/documentation.ts';
import { takeBack } from '../plugins/take-back.ts';

const MOST_WEBHOOKS = 100;
const SECRET_BYTES = 24;
const BODY_LIMIT = 64 * 1024;

const id = Type.String({
  minLength: 1,
  maxLength: 64,
  description: 'The id of the webhook.',
  examples: ['whk_1'],
});
const WebhookParams = Type.Object({ id });
const DeliveryParams = Type.Object({
  id,
  deliveryId: Type.String({
    minLength: 1,
    maxLength: 64,
    description: 'The id of the delivery.',
    examples: ['msg_1'],
  }),
});
const WithSecret = Type.Object({
  ...Webhook.properties,
  secret: Type.Optional(
    Type.String({
      description: 'Shown in this answer and never again: the receiver checks signatures by it.',
    }),
  ),
});

const DELIVERY: Delivery = {
  id: 'msg_01kq3v5yqk8r7m2d9xw4t6b1ce',
  kind: 'version.promoted',
  state: 'delivered',
  createdAt: '2026-03-01T12:04:10.000Z',
  attempts: 1,
  lastAttemptAt: '2026-03-01T12:04:10.200Z',
  nextAttemptAt: null,
  status: 204,
  error: null,
};
const EXAMPLE: Webhook = {
  id: 'whk_01kq3v5yqk8r7m2d9xw4t6b1ce',
  url: 'https://hooks.example.com/stillhouse',
  kinds: ['version.promoted', 'version.refused'],
  models: null,
  enabled: true,
  disabledBecause: null,
  createdAt: '2026-03-01T12:00:00.000Z',
  lastDelivery: DELIVERY,
  failures: 0,
  waiting: 0,
};
const MADE = { ...EXAMPLE, lastDelivery: null, secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' };
const NO_WEBHOOK = 'There is no webhook "whk_1".';
const NO_DELIVERY = 'The webhook "whk_1" has no delivery "msg_1".';
const REFUSED =
  'url must not lead to 127.0.0.1, which is no public address, unless WEBHOOK_PRIVATE_ADDRESSES lists it.';

const operations = {
  create: {
    operationId: 'createWebhook',
    tags: ['operations'],
    summary: 'Send notices to an address',
    description:
      'What happens from now on is sent there by the workers, signed as Standard Webhooks says, at least once and in no order that is promised. The answer has the secret, which is shown once. docs/webhooks.md has the code that checks signatures.',
    body: NewWebhook,
    examples: {
      'releases of one model': {
        url: 'https://hooks.example.com/stillhouse',
        kinds: ['version.promoted', 'version.refused'],
        models: ['movies'],
      },
      everything: { url: 'https://hooks.example.com/stillhouse' },
    },
    response: {
      201: json('Kept; Location names it.', WithSecret, { 'with its secret': MADE }, [
        'Location',
        'Cache-Control',
      ]),
    },
    problems: {
      'invalid-request': 'kinds[0] must be one of job.ended, version.promoted; got "job.begun".',
      'invalid-webhook': REFUSED,
      conflict: 'There are 100 webhooks already; delete those that nobody needs.',
    },
  },
  list: {
    operationId: 'listWebhooks',
    tags: ['operations'],
    summary: 'List webhooks',
    description: 'The oldest first; at most 100. Secrets are not shown.',
    response: {
      200: json('All webhooks.', Type.Object({ data: Type.Array(Webhook) }), {
        'one webhook': { data: [EXAMPLE] },
      }),
    },
    problems: {},
  },
  get: {
    operationId: 'getWebhook',
    tags: ['operations'],
    summary: 'Read a webhook',
    description:
      'With its last delivery and how many attempts have failed in a row. Its secret is not shown.',
    params: WebhookParams,
    response: { 200: json('The webhook.', Webhook, { 'one webhook': EXAMPLE }) },
    problems: { 'not-found': NO_WEBHOOK },
  },
  change: {
    operationId: 'changeWebhook',
    tags: ['operations'],
    summary: 'Change a webhook',
    description:
      'What is not given stays; kinds and models of null mean all. With a secret, or null to have one made, the next attempts are signed by it, and the answer shows it once.',
    params: WebhookParams,
    body: WebhookChange,
    examples: { 'switch off': { enabled: false }, 'a new secret': { secret: null } },
    response: {
      200: json('As it is now.', WithSecret, { 'one webhook': EXAMPLE }, ['Cache-Control']),
    },
    problems: {
      'invalid-request': 'enabled must be true or false; got "yes".',
      'invalid-webhook': REFUSED,
      'not-found': NO_WEBHOOK,
    },
  },
  remove: {
    operationId: 'deleteWebhook',
    tags: ['operations'],
    summary: 'Delete a webhook',
    description: 'Nothing more is sent there. Its deliveries are forgotten.',
    params: WebhookParams,
    response: { 204: noContent('Gone.') },
    problems: { 'not-found': NO_WEBHOOK },
  },
  test: {
    operationId: 'testWebhook',
    tags: ['operations'],
    summary: 'Try a webhook',
    description:
      'Sends webhook.test on the way of all notices, also where the webhook is switched off. What came of it is among its deliveries.',
    params: WebhookParams,
    response: {
      202: json('It is sent by a worker.', Delivery, {
        'a delivery': {
          ...DELIVERY,
          kind: 'webhook.test',
          state: 'pending',
          attempts: 0,
          lastAttemptAt: null,
        },
      }),
    },
    problems: { 'not-found': NO_WEBHOOK },
  },
  deliveries: {
    operationId: 'listDeliveries',
    tags: ['operations'],
    summary: 'List what was sent to a webhook',
    description: 'The newest first. Those that are over are kept for 90 days.',
    params: WebhookParams,
    querystring: Type.Object(
      { state: Type.Optional({ ...DeliveryState, examples: ['failed'] }), ...PageQuery.properties },
      { additionalProperties: false },
    ),
    response: {
      200: json('A page of deliveries.', Page(Delivery), {
        'one delivery': { data: [DELIVERY], nextCursor: null },
      }),
    },
    problems: {
      'invalid-request': 'limit must be a whole number from 1 to 1000; got 0.',
      'not-found': NO_WEBHOOK,
    },
  },
  retry: {
    operationId: 'retryDelivery',
    tags: ['operations'],
    summary: 'Send a delivery again',
    description: 'At once and with all its attempts, under the same id; also one that was delivered.',
    params: DeliveryParams,
    response: {
      202: json('It is sent by a worker.', Delivery, { 'a delivery': { ...DELIVERY, state: 'pending' } }),
    },
    problems: { 'not-found': NO_DELIVERY },
  },
} as const;

type Deps = Pick<AppDeps, 'store' | 'now' | 'webhookAddresses' | 'secrets'>;

// Long because it is a list of routes on one resource.
export function webhookRoutes({ store: { webhooks }, now, secrets, ...deps }: Deps) {
  const addresses = deps.webhookAddresses ?? createWebhookAddresses({ urls: [], privateAddresses: [] });
  const found = async (webhook: string) => (await webhooks.get(webhook)) ?? noWebhook(webhook);
  return async (app: App): Promise<void> => {
    // Long because it is a list of routes on one resource.
    app.post('/webhooks', {
      bodyLimit: BODY_LIMIT,
      config: { scope: 'admin' },
      schema: operations.create,
      preValidation: takeBack(SERVICE_WRITES),
      handler: async ({ body }, reply) => {
        const { url, kinds = null, models = null, enabled = true, secret = newSecret() } = body;
        await refuseUnreachable(addresses, url);
        const webhookId = newJobId(now()).replace('job_', 'whk_');
        const sealed = secrets.seal(secret, webhookId);
        const webhook = { id: webhookId, url, kinds, models, enabled, secret: sealed };
        const record = await webhooks.create(webhook, MOST_WEBHOOKS);
        reply.code(201).header('location', `/webhooks/${webhookId}`).header('cache-control', 'no-store');
        return { ...record, secret };
      },
    });

    app.get('/webhooks', {
      config: { scope: 'admin' },
      schema: operations.list,
      handler: async () => ({ data: await webhooks.list() }),
    });

    app.get('/webhooks/:id', {
      config: { scope: 'admin' },
      schema: operations.get,
      handler: async ({ params }) => await found(params.id),
    });

    app.patch('/webhooks/:id', {
      bodyLimit: BODY_LIMIT,
      config: { scope: 'admin' },
      schema: operations.change,
      handler: async ({ params, body }, reply) => {
        const { id: webhookId } = await found(params.id);
        const { secret: given, ...changes } = body;
        if (changes.url !== undefined) await refuseUnreachable(addresses, changes.url);
        const secret = given === null ? newSecret() : given;
        const sealed = secret === undefined ? {} : { secret: secrets.seal(secret, webhookId) };
        const record = (await webhooks.change(webhookId, { ...changes, ...sealed })) ?? noWebhook(webhookId);
        reply.header('cache-control', 'no-store');
        return { ...record, ...(secret !== undefined && { secret }) };
      },
    });

    app.delete('/webhooks/:id', {
      config: { scope: 'admin' },
      schema: operations.remove,
      handler: async ({ params }, reply) => {
        if (!(await webhooks.remove(params.id))) noWebhook(params.id);
        return reply.code(204).send(null);
      },
    });

    app.post('/webhooks/:id/test', {
      config: { scope: 'admin' },
      schema: operations.test,
      handler: async ({ params }, reply) => {
        reply.code(202);
        return (await webhooks.test(params.id)) ?? noWebhook(params.id);
      },
    });

    app.get('/webhooks/:id/deliveries', {
      config: { scope: 'admin' },
      schema: operations.deliveries,
      handler: async ({ params, query: { state, limit = 50, cursor } }) => {
        await found(params.id);
        const page = await webhooks.deliveries(params.id, { state }, limit, cursor);
        return { data: page.rows, nextCursor: page.nextCursor };
      },
    });

    app.post('/webhooks/:id/deliveries/:deliveryId/retry', {
      config: { scope: 'admin' },
      schema: operations.retry,
      handler: async ({ params: { id: webhookId, deliveryId } }, reply) => {
        const again = await webhooks.retry(webhookId, deliveryId);
        if (!again) {
          const [one, other] = [webhookId, deliveryId].map((text) => JSON.stringify(text));
          throw problem('not-found', `The webhook ${one} has no delivery ${other}.`);
        }
        reply.code(202);
        return again;
      },
    });
  };
}

const SERVICE_WRITES = [...['id', 'createdAt', 'disabledBecause', 'lastDelivery', 'failures', 'waiting']];

const newSecret = () => `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;

/** @throws problem('invalid-webhook') */
async function refuseUnreachable(addresses: WebhookAddresses, url: string): Promise<void> {
  await addresses.resolve(url).catch((error) => {
    throw problem('invalid-webhook', messageOf(error));
  });
}

function noWebhook(webhookId: string): never {
  throw problem('not-found', `There is no webhook ${JSON.stringify(webhookId)}.`);
}
