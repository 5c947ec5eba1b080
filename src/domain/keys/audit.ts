import { Type } from 'typebox';

const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);
/** An entry of the audit as answers show it. */
export const AuditView = Type.Object(
  {
    id: Type.String(),
    at: Type.String({ format: 'date-time', description: 'Of a count: when its minute began.' }),
    keyId: orNull(Type.String({ description: 'Null where no key was asked for, or none was known.' })),
    keyName: orNull(Type.String({ description: 'The name that the key had then.' })),
    address: orNull(
      Type.String({ description: 'Of the sender, as LOG_ADDRESSES says; null in counts of what was done.' }),
    ),
    action: Type.String({
      description: 'Method and route, or what a job did.',
      examples: ['PUT /models/:name/aliases/:alias'],
    }),
    targets: Type.Record(Type.String(), Type.String(), {
      description: 'Ids of what was changed. Users are pseudonyms: an erased one must not stand here.',
      examples: [{ name: 'movies', alias: 'stable' }],
    }),
    status: orNull(Type.Integer({ description: 'Of the answer; null for what a job did.' })),
    requests: Type.Integer({ description: '1, or how many like requests of one minute are counted here.' }),
    requestId: orNull(Type.String()),
  },
  { description: 'One change, or a count of like requests.' },
);
