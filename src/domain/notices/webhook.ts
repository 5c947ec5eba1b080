import { type Static, Type } from 'typebox';
import { ModelName } from '../base/model-name.ts';
import { type NewNotice, NoticeKind } from './notice.ts';

/** Kind of a delivery that nothing happened for: somebody tries a webhook. */
export const TEST_KIND = 'webhook.test';

const fields = {
  url: Type.String({
    minLength: 1,
    maxLength: 2000,
    description: 'Where notices are sent; it has to be under one of WEBHOOK_URLS.',
    examples: ['https://hooks.example.com/stillhouse'],
  }),
  kinds: Type.Array(NoticeKind, { minItems: 1, uniqueItems: true, description: 'All kinds if not given.' }),
  models: Type.Array(ModelName, {
    minItems: 1,
    maxItems: 100,
    uniqueItems: true,
    description: 'Only notices about these models; all notices if not given.',
  }),
  secret: Type.String({
    pattern: '^whsec_[A-Za-z0-9+/]{32,86}={0,2}$',
    'x-must-be':
      'whsec_ and 24 to 64 bytes in base64, such as whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw; leave it out to have one made',
    description: 'whsec_ and 24 to 64 bytes in base64. One is made if it is not given.',
  }),
  enabled: Type.Boolean({
    description: 'False: nothing is sent, and what happens meanwhile is not sent later.',
  }),
};

/** A webhook as clients send it. */
export const NewWebhook = Type.Object(
  {
    url: fields.url,
    kinds: Type.Optional(fields.kinds),
    models: Type.Optional(fields.models),
    secret: Type.Optional(fields.secret),
    enabled: Type.Optional(fields.enabled),
  },
  { additionalProperties: false },
);
export type NewWebhook = Static<typeof NewWebhook>;

const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) =>
  Type.Union([type, Type.Null()]);
const Time = Type.String({ format: 'date-time' });

/** A change of a webhook: what is not given stays. */
export const WebhookChange = Type.Object(
  {
    url: Type.Optional(fields.url),
    kinds: Type.Optional(orNull(fields.kinds)),
    models: Type.Optional(orNull(fields.models)),
    secret: Type.Optional(
      Type.Union([fields.secret, Type.Null()], { description: 'A new one; null to have one made.' }),
    ),
    enabled: Type.Optional(fields.enabled),
  },
  { additionalProperties: false, minProperties: 1 },
);
export type WebhookChange = Static<typeof WebhookChange>;

export const DELIVERY_STATES = ['pending', 'delivered', 'failed'] as const;
export const DeliveryState = Type.Enum([...DELIVERY_STATES], {
  description:
    'pending: it is sent now, or again at nextAttemptAt. delivered: it was answered with 2xx. failed: it was given up.',
});
export type DeliveryState = Static<typeof DeliveryState>;

export const Delivery = Type.Object({
  id: Type.String({ description: 'The header webhook-id.', examples: ['msg_01kq3v5yqk8r7m2d9xw4t6b1ce'] }),
  kind: Type.String({ description: 'The kind of the notice, or webhook.test.' }),
  state: DeliveryState,
  createdAt: Time,
  attempts: Type.Integer({ description: 'How often it was tried.' }),
  lastAttemptAt: orNull(Time),
  nextAttemptAt: orNull(Time),
  status: orNull(Type.Integer({ description: 'HTTP status of the last answer.' })),
  error: orNull(Type.String({ description: 'Why the last attempt failed.' })),
});
export type Delivery = Static<typeof Delivery>;

export const Webhook = Type.Object(
  {
    id: Type.String({ examples: ['whk_01kq3v5yqk8r7m2d9xw4t6b1ce'] }),
    url: fields.url,
    kinds: orNull(fields.kinds),
    models: orNull(fields.models),
    enabled: Type.Boolean(),
    disabledBecause: orNull(
      Type.String({
        description: 'Set where the service has switched it off: its address answered 410 Gone.',
      }),
    ),
    createdAt: Time,
    lastDelivery: orNull(Delivery),
    failures: Type.Integer({ description: 'Attempts that failed since the last that did not.' }),
    waiting: Type.Integer({ description: 'Deliveries that are pending.' }),
  },
  { description: 'Where notices are sent. Its secret is shown once, when it is made.' },
);
export type Webhook = Static<typeof Webhook>;

/** True where the webhook is to hear of the notice. One that names models hears of nothing else, such as imports. */
export function wantsNotice(
  { kinds, models }: Pick<Webhook, 'kinds' | 'models'>,
  { kind, model }: Pick<NewNotice, 'kind' | 'model'>,
): boolean {
  if (kinds !== null && !kinds.includes(kind)) return false;
  return models === null || (model !== undefined && models.includes(model));
}

/** Body of a delivery, in the form that Standard Webhooks asks for. */
export function deliveryBody(type: string, at: number, data: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ type, timestamp: new Date(at).toISOString(), data });
}
