import { type TObject, type TProperties, Type } from 'typebox';
import { NewServingPolicy } from '../domain/answers/serving-policy.ts';
import { idProblem } from '../domain/base/id.ts';
import { EventMeaning } from '../domain/data/event-meaning.ts';
import { InteractionType } from '../domain/data/interaction.ts';
import { viewInteraction, viewItem, viewUser } from '../domain/data/row-views.ts';
import { SCOPES } from '../domain/keys/scope.ts';
import { type Checked, checkOf } from '../domain/validate/check.ts';
import { parseInteraction, parseItem, parseUser } from '../ingest/rows.ts';
import type { BackupPart, BackupRows, RegistryRow } from '../store/backup/contract.ts';

/** How the rows of a part are written as JSON, and read back. */
interface LineFormat<Row> {
  view(row: Row): unknown;
  parse(raw: unknown): Checked<Row>;
}

const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);
const Text = Type.String();
const Time = Type.Integer({ minimum: 0 });
const Hash = Type.String({ pattern: '^[0-9a-f]{64}$' });
const Count = Type.Integer({ minimum: 1 });

/** Rows that no other file has are written as they are stored, with times in milliseconds. */
function asStored<Row>(schema: TObject): LineFormat<Row> {
  const check = checkOf(schema, 'the row', {});
  return {
    view: (row) => row,
    parse(raw) {
      const checked = check(raw);
      if ('reason' in checked) return checked;
      const ids = Object.entries(checked.ok as Record<string, unknown>).filter(([name]) =>
        /^(user|item|into)Id$/.test(name),
      );
      for (const [name, id] of ids) {
        const reason = idProblem(name, id as string);
        if (reason !== null) return { reason };
      }
      return { ok: checked.ok as Row };
    },
  };
}

const registryRow = (properties: TProperties) => asStored<RegistryRow>(Type.Object(properties));

/** Rows as the single exports have them, and as they are stored where there is no such export. */
export const LINES: { [P in BackupPart]: LineFormat<BackupRows[P]> } = {
  'event-types': asStored(Type.Object({ type: InteractionType, meaning: EventMeaning, updatedAt: Time })),
  'known-types': asStored(Type.Object({ type: InteractionType })),
  'known-users': asStored(Type.Object({ userId: Text })),
  'known-items': asStored(
    Type.Object({
      itemId: Text,
      state: Type.Enum(['catalogue', 'interactions', 'deleted']),
      addedAt: orNull(Time),
    }),
  ),
  users: { view: viewUser, parse: parseUser },
  'merged-users': asStored(Type.Object({ userId: Text, intoId: Text, mergedAt: Time })),
  items: { view: viewItem, parse: parseItem },
  interactions: {
    view: viewInteraction,
    // Values are not held to today's scale, and times not to the clock: they were right when they came.
    parse: (raw) =>
      parseInteraction(raw, Number.POSITIVE_INFINITY, { installed: () => null, keepsSource: true }),
  },
  tombstones: asStored(
    Type.Object({
      userId: Text,
      itemId: Text,
      type: InteractionType,
      timestamp: orNull(Time),
      eventId: orNull(Text),
      deletedAt: Time,
    }),
  ),
  deletions: asStored(Type.Object({ id: Text, at: Time, what: Text, interactions: Type.Integer() })),
  rules: asStored(Type.Object({ id: Text, action: Text, items: Type.Array(Text), createdAt: Time })),
  schedules: schedules(),
  'default-models': asStored(Type.Object({ kind: Type.Enum(['items', 'labels']), model: Text })),
  'serving-policies': asStored(
    Type.Object(
      { model: Text, updatedAt: Time, ...NewServingPolicy.properties },
      { additionalProperties: false },
    ),
  ),
  'model-settings': asStored(
    Type.Object({ model: Text, keepVersions: orNull(Type.Integer({ minimum: 1 })) }),
  ),
  'consumer-positions': asStored(
    Type.Object({ group: Text, topic: Text, partition: Time, topicId: Text, next: Time }),
  ),
  versions: registryRow({
    model: Text,
    version: Count,
    job_id: Text,
    artifact: Text,
    deleted_at: orNull(Time),
  }),
  aliases: registryRow({ model: Text, alias: Text, version: Count }),
  'alias-moves': registryRow({
    ...{ model: Text, alias: Text, seq: Count, at: Time, version: orNull(Count), action: Text },
    ...{ key_id: orNull(Text), job_id: orNull(Text), reason: orNull(Text) },
  }),
  teachers: registryRow({ name: Text, teacher: Text }),
  keys: asStored(
    Type.Object({
      id: Type.String({ pattern: '^[0-9a-f]{16}$' }),
      name: Text,
      scopes: Type.Array(Type.Enum([...SCOPES])),
      origins: Type.Array(Text),
      hash: Hash,
      createdAt: Time,
      expiresAt: orNull(Time),
      former: orNull(Type.Object({ hash: Hash, until: Time })),
    }),
  ),
};

/** When it runs next follows from its clock and the time of the restore. */
function schedules(): LineFormat<BackupRows['schedules']> {
  type Row = BackupRows['schedules'];
  const { parse } = asStored<Omit<Row, 'nextAt'>>(
    Type.Object({
      id: Text,
      name: orNull(Text),
      createdAt: Time,
      cron: orNull(Text),
      timeZone: orNull(Text),
      afterInteractions: orNull(Type.Integer({ minimum: 1 })),
      job: Type.Object({ type: Text, spec: Type.Object({}) }),
      paused: Type.Boolean(),
      keyId: orNull(Text),
    }),
  );
  return {
    view: ({ nextAt: _, ...row }) => row,
    parse(raw) {
      const parsed = parse(raw);
      return 'reason' in parsed ? parsed : { ok: { ...parsed.ok, nextAt: null } };
    },
  };
}
