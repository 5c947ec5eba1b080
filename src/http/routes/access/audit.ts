import { type Static, Type } from 'typebox';
import { problem } from '../../../core/errors.ts';
import type { Secrets } from '../../../core/secrets.ts';
import { Page, PageQuery } from '../../../domain/base/page.ts';
import { AnyTime, parseTimestamp } from '../../../domain/base/timestamp.ts';
import { AuditView } from '../../../domain/keys/audit.ts';
import type { AuditEntry, AuditFilter } from '../../../store/audit/contract.ts';
import { userTarget } from '../../access/audit-entry.ts';
import type { App } from '../../app-type.ts';
import type { AppDeps } from '../../deps.ts';
import { json } from '../../docs/documentation.ts';

const ACTION = 'PUT /models/:name/aliases/:alias';

const AuditQuery = Type.Object(
  {
    ...PageQuery.properties,
    keyId: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        description: 'Of this key alone.',
        examples: ['9f86d081884c'],
      }),
    ),
    action: Type.Optional(
      Type.String({ minLength: 1, maxLength: 200, description: 'Of this action alone.', examples: [ACTION] }),
    ),
    target: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 256,
        description: 'An id among the targets, that of a user too.',
        examples: ['movies'],
      }),
    ),
    outcome: Type.Optional(
      Type.Enum(['done', 'refused', 'failed'], {
        description: 'refused: 401, 403 and 429. failed: every other status from 400 on.',
        examples: ['refused'],
      }),
    ),
    since: Type.Optional({ ...AnyTime, description: 'From this time on.' }),
    until: Type.Optional({ ...AnyTime, description: 'Before this time.' }),
  },
  { additionalProperties: false },
);

const listAudit = {
  operationId: 'listAudit',
  tags: ['operations'],
  summary: 'List who changed what',
  description:
    'Every write, promotion, deletion, export and change of keys, newest first. POST /interactions, and what was refused, are counts by key and minute. An entry is here about a second after its answer, a count after its minute; the same entries are lines of the log with audit: true.',
  querystring: AuditQuery,
  response: {
    200: json('A page, newest first.', Page(AuditView), {
      'a promotion': {
        data: [
          {
            id: '0d5c3f0e-6a53-4f0e-9d55-0a3c1a1b6f3e',
            at: '2026-03-01T12:00:00.000Z',
            ...{ keyId: '9f86d081884c', keyName: 'release bot', address: '203.0.113.7' },
            ...{ action: ACTION, targets: { name: 'movies', alias: 'stable' } },
            ...{ status: 200, requests: 1, requestId: 'c0ffee' },
          },
        ],
        nextCursor: null,
      },
    }),
  },
  problems: { 'invalid-request': 'until must be later than since.' },
};

export function auditRoutes({ store: { audit }, secrets }: Pick<AppDeps, 'store' | 'secrets'>) {
  return async (app: App): Promise<void> => {
    app.get('/audit', {
      config: { scope: 'admin' },
      schema: listAudit,
      handler: async (request) => {
        const { limit = 50, cursor, ...query } = request.query;
        const { rows, nextCursor } = await audit.list(filterOf(query, secrets), limit, cursor);
        return { data: rows.map(viewEntry), nextCursor };
      },
    });
  };
}

function filterOf(
  { keyId, action, target, outcome, since, until }: Static<typeof AuditQuery>,
  secrets: Pick<Secrets, 'pseudonym'>,
): AuditFilter {
  const [from, to] = [time('since', since), time('until', until)];
  if (from !== undefined && to !== undefined && to <= from)
    throw problem('invalid-request', 'until must be later than since.');
  const targets = target === undefined ? undefined : [target, userTarget(target, secrets)];
  return { keyId, action, targets, outcome, since: from, until: to };
}

function time(field: string, value: string | number | undefined): number | undefined {
  if (value === undefined) return undefined;
  const parsed = parseTimestamp(value);
  if (!Number.isNaN(parsed)) return parsed;
  throw problem('invalid-request', `${field} must be a time such as 2026-03-01T12:00:00Z.`);
}

const viewEntry = (entry: AuditEntry) => ({ ...entry, at: new Date(entry.at).toISOString() });
