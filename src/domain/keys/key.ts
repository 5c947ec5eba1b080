import { type Static, Type } from 'typebox';
import { AnyTime } from '../base/timestamp.ts';
import { KEY_EXAMPLE } from './key-text.ts';
import { SCOPES } from './scope.ts';

const ID_EXAMPLE = '5f1c0e9a7b3d2468';
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

const Scopes = Type.Array(Type.Enum([...SCOPES]), {
  minItems: 1,
  maxItems: SCOPES.length,
  uniqueItems: true,
  description:
    'recommend: answers for visitors, and events of one visitor at a time; fit for a browser. events: adds interactions, reads nothing. read: all that can be read but exports, logs, keys and the audit. write: catalogue, imports, deletions, and what events may. train: jobs and schedules. publish: aliases, default models, roll-back. admin: everything.',
  examples: [['recommend']],
});
const Origin = Type.String({
  maxLength: 300,
  'x-must-be': 'an origin such as https://shop.example, without a path',
  pattern: '^https?://[^/?#@\\s]+$',
  examples: ['https://shop.example'],
});
const ExpiresAt = {
  ...AnyTime,
  description: 'From this time on the key is refused. It never expires if left out.',
  examples: ['2036-01-01T00:00:00Z'],
};

export const NewKey = Type.Object(
  {
    name: Type.String({
      minLength: 1,
      maxLength: 100,
      'x-must-be': 'text of 1-100 characters without control characters',
      pattern: '^[^\\u0000-\\u001f\\u007f]+$',
      description: 'Who holds it; the audit shows it.',
      examples: ['web shop'],
    }),
    scopes: Scopes,
    origins: Type.Optional(
      Type.Array(Origin, {
        // An empty list would bind the key to nobody, where somebody meant everybody, or nobody.
        minItems: 1,
        maxItems: 50,
        uniqueItems: true,
        description:
          'Pages that may use the key: requests have to come from a browser that shows one of these. Any sender may use it if left out.',
      }),
    ),
    expiresAt: Type.Optional(ExpiresAt),
  },
  { additionalProperties: false, description: 'A key to be made.' },
);
export type NewKey = Static<typeof NewKey>;

export const RotateKey = Type.Object(
  {
    overlapSeconds: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 30 * 86_400,
        default: 3600,
        description: 'The former secret is taken for so long; 0 ends it at once.',
        examples: [3600],
      }),
    ),
    expiresAt: Type.Optional({
      ...ExpiresAt,
      description: 'When the key expires from now on; as before if left out.',
    }),
  },
  { additionalProperties: false },
);
export type RotateKey = Static<typeof RotateKey>;

const Time = Type.String({ format: 'date-time' });
export const KeyView = Type.Object(
  {
    id: Type.String({
      description: 'Names the key in jobs, logs and the audit; no secret.',
      examples: [ID_EXAMPLE],
    }),
    name: Type.String({ examples: ['web shop'] }),
    scopes: Type.Array(Type.Enum([...SCOPES])),
    origins: Type.Array(Type.String(), { description: 'Empty: any sender.' }),
    source: Type.Enum(['made', 'setting'], {
      description: 'made: by POST /keys. setting: an entry of API_KEYS, which is changed there.',
    }),
    createdAt: orNull({ ...Time, description: 'Null for keys of the setting.' }),
    createdBy: orNull(Type.String({ description: 'Id of the key that made it.' })),
    expiresAt: orNull(Time),
    rotatedAt: orNull(Time),
    formerUntil: orNull({ ...Time, description: 'The secret before the rotation is taken until then.' }),
    lastUsedAt: orNull({
      ...Time,
      description: 'Written about once a minute; not kept for keys of the setting.',
    }),
  },
  { description: 'A key without its secret.' },
);
export type KeyView = Static<typeof KeyView>;

export const MadeKey = Type.Object(
  {
    ...KeyView.properties,
    key: Type.String({
      description: 'The key itself. It is shown this once and stored nowhere.',
      examples: [KEY_EXAMPLE],
    }),
    warnings: Type.Optional(Type.Array(Type.String())),
  },
  { description: 'A key that was just made, or given a new secret.' },
);
export type MadeKey = Static<typeof MadeKey>;
