import { Type } from 'typebox';
import { problem } from '../../core/errors.ts';
import { Id } from '../../domain/base/id.ts';
import { Page, PageQuery } from '../../domain/base/page.ts';
import { Interaction, InteractionType, type StoredInteraction } from '../../domain/data/interaction.ts';
import { amountOf } from '../../domain/data/meaning.ts';
import type { Installed } from '../../domain/data/weighting.ts';
import { parseInteraction } from '../../ingest/rows.ts';
import { createInstalledEvents } from '../../serving/views/installed-events.ts';
import type { InteractionFilter } from '../../store/data/contract.ts';
import type { Click } from '../../store/registry/contract.ts';
import type { App } from '../app-type.ts';
import type { AppDeps } from '../deps.ts';
import { json } from '../docs/documentation.ts';
import { RECEIPT } from '../docs/examples.ts';
import { checkedId, ItemParams, UserParams } from '../path-id.ts';
import {
  acceptNdjson,
  BATCH_BODY_LIMIT,
  documentedRows,
  parseRows,
  refuseWhenAllAreBad,
  rowsBody,
} from '../rows/batch.ts';
import {
  DeletionView,
  InteractionsResult,
  InteractionView,
  viewDeletion,
  viewInteraction,
} from '../views.ts';

const EXAMPLE = {
  userId: 'user-42',
  itemId: 'film-7',
  type: 'rating',
  value: 5,
  timestamp: '2026-03-01T12:00:00Z',
};
const STORED = {
  ...EXAMPLE,
  timestamp: '2026-03-01T12:00:00.000Z',
  eventId: null,
  timestampSource: 'given' as const,
  context: null,
};

const addInteractions = {
  operationId: 'addInteractions',
  tags: ['data'],
  summary: 'Add interactions',
  description:
    'Up to 1,000 rows. Each row is judged for itself: good ones are stored, bad ones are listed with index and reason. Sending a row with a time or an eventId twice stores it once; one without a time gets the time of receipt.',
  body: rowsBody('interactions'),
  response: {
    200: json('At least one row was good; what is counted as accepted is on disk.', InteractionsResult, {
      'one good row, one bad': {
        accepted: 1,
        duplicates: 0,
        rejected: [{ index: 1, reason: 'value must be a number from 1 to 5 when type is rating; got 9' }],
      },
    }),
  },
  problems: {
    'invalid-request':
      'interactions must have at most 1000 entries; got 1001; send larger files to POST /imports.',
    'invalid-rows': 'None of the 2 rows could be stored. Row 0: itemId is missing',
  },
};

const listUserInteractions = {
  operationId: 'listUserInteractions',
  tags: ['data'],
  summary: "List a user's interactions",
  description: 'Newest first; those without a time come last. Empty for an unknown user.',
  params: UserParams,
  querystring: PageQuery,
  response: {
    200: json(
      'A page of interactions.',
      Page(InteractionView),
      { 'the last page': { data: [STORED], nextCursor: null } },
      ['Cache-Control'],
    ),
  },
  problems: {
    'invalid-request': 'limit must be a whole number from 1 to 1000; got 5000.',
  },
};

const DeleteQuery = Type.Object(
  {
    userId: Type.Optional(Id),
    itemId: Type.Optional(ItemParams.properties.itemId),
    type: Type.Optional(InteractionType),
  },
  { additionalProperties: false },
);

const deleteInteractions = {
  operationId: 'deleteInteractions',
  tags: ['data'],
  summary: 'Delete interactions by user, item or type',
  description:
    'All that fit every part of the query, which needs one at least. The same events sent again, late or in a retry, stay deleted; rows with neither time nor eventId count as new when they are sent again.',
  querystring: DeleteQuery,
  response: {
    200: json('Deleted.', DeletionView, {
      'a receipt': { ...RECEIPT, what: 'interactions by userId and itemId' },
    }),
  },
  problems: {
    'invalid-request': 'Say what to delete: userId, itemId, type, or several of them.',
    'invalid-id': 'userId contains a NUL character; remove it.',
  },
};

export function interactionRoutes({
  store,
  now,
  servedLog,
  installedEvents = createInstalledEvents(store.eventTypes),
}: Pick<AppDeps, 'store' | 'now' | 'servedLog' | 'installedEvents'>) {
  return async (app: App): Promise<void> => {
    acceptNdjson(app, 'interactions');

    app.post('/interactions', {
      bodyLimit: BATCH_BODY_LIMIT,
      config: { scope: 'ingest', documentedBody: documentedRows('interactions', Interaction, EXAMPLE) },
      schema: addInteractions,
      handler: async (request) => {
        const rows = (request.body as { interactions: unknown[] }).interactions;
        const time = now();
        const installed = await installedEvents.get();
        const options = { installed, timeOfReceipt: true };
        const { good, rejected } = parseRows(rows, (row) => parseInteraction(row, time, options));
        refuseWhenAllAreBad(rows.length, rejected, { accepted: 0, duplicates: 0 });
        const outcomes = await store.interactions.add(good);
        servedLog.click(clicksAmong(rows, good, rejected, installed));
        const accepted = outcomes.filter((outcome) => outcome === 'accepted').length;
        const warnings = unknownTypes(good, installed);
        return {
          ...{ accepted, duplicates: outcomes.length - accepted, rejected },
          ...(warnings.length > 0 && { warnings }),
        };
      },
    });

    app.delete('/interactions', {
      config: { scope: 'ingest' },
      schema: deleteInteractions,
      handler: async (request) => {
        const filter: InteractionFilter = request.query;
        if (Object.keys(filter).length === 0) {
          throw problem('invalid-request', 'Say what to delete: userId, itemId, type, or several of them.');
        }
        if (filter.userId !== undefined) checkedId('userId', filter.userId);
        if (filter.itemId !== undefined) checkedId('itemId', filter.itemId);
        return viewDeletion(await store.deletions.interactions(filter));
      },
    });

    app.get('/users/:userId/interactions', {
      config: { scope: 'read' },
      schema: listUserInteractions,
      handler: async (request, reply) => {
        const { limit = 50, cursor } = request.query;
        const userId = checkedId('userId', request.params.userId);
        const page = await store.interactions.list(userId, limit, cursor);
        reply.header('cache-control', 'private, no-store');
        return { data: page.rows.map(viewInteraction), nextCursor: page.nextCursor };
      },
    });
  };
}

/** Good rows that name the recommendation they come from, and say that the item was liked: a dislike is no click-through. */
function clicksAmong(
  rows: readonly unknown[],
  good: readonly StoredInteraction[],
  rejected: readonly { index: number }[],
  installed: Installed,
): Click[] {
  const bad = new Set(rejected.map(({ index }) => index));
  const sent = rows.filter((_, index) => !bad.has(index));
  return good.flatMap(({ itemId, type, value }, i) => {
    const { recommendationId } = sent[i] as Partial<Interaction>;
    const meaning = installed(type);
    const isLiking = meaning !== null && amountOf(meaning, value) > 0;
    return recommendationId && isLiking ? [{ recommendationId, itemId, type }] : [];
  });
}

/** A warning for each type of which nobody says what it means. */
function unknownTypes(rows: readonly StoredInteraction[], installed: Installed): string[] {
  const unknown = new Set(rows.map(({ type }) => type).filter((type) => installed(type) === null));
  return [...unknown].map(
    (type) =>
      `${type} is stored and does not count until it is declared: PUT /event-types/${encodeURIComponent(type)}`,
  );
}
