import { Type } from 'typebox';
import { Id } from '../../../domain/base/id.ts';
import { PageQuery } from '../../../domain/base/page.ts';
import { Item, type StoredItem } from '../../../domain/data/catalogue.ts';
import { parseItem } from '../../../ingest/rows.ts';
import type { App } from '../../app-type.ts';
import type { AppDeps } from '../../deps.ts';
import { noContent } from '../../docs/documentation.ts';
import { checkedId, ItemParams } from '../../path-id.ts';
import { ItemView, viewItem } from '../../views.ts';
import { checkRow, RowConditions } from './conditions.ts';
import { entityRoutes, unknown } from './entities.ts';

const ITEM = { itemId: 'film-7', title: 'Toy Story (1995)', categories: ['Animation', 'Comedy'] };
const STORED = {
  ...ITEM,
  labels: [],
  features: {},
  hidden: false,
  availableFrom: null,
  availableUntil: null,
};

const ItemsQuery = Type.Object(
  {
    ...PageQuery.properties,
    category: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 256,
        description: 'Only items of this category.',
        examples: ['Drama'],
      }),
    ),
    label: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 256,
        description: 'Only items with this label.',
        examples: ['award-winner'],
      }),
    ),
    title: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 256,
        pattern: '\\S',
        'x-must-be': 'text of 1-256 characters that are not all blanks',
        description:
          'Only items whose title has every one of these words, or parts of words, in any order. The case of A to Z does not count.',
        examples: ['toy story'],
      }),
    ),
    itemId: Type.Optional(
      Type.Array(Id, {
        minItems: 1,
        maxItems: 100,
        description: 'Only these items; unknown ones are left out.',
        examples: [['film-7', 'film-9']],
      }),
    ),
    hidden: Type.Optional(
      Type.Boolean({ description: 'Only hidden items, or only those that are not.', examples: [false] }),
    ),
  },
  { additionalProperties: false },
);

const deleteItem = {
  operationId: 'deleteItem',
  tags: ['data'],
  summary: 'Delete an item',
  description:
    'It is not recommended any more, at once, even by a model that knows it, until it is put again. Its interactions stay in the histories; DELETE /interactions?itemId= takes them away.',
  params: ItemParams,
  headers: RowConditions,
  response: { 204: noContent('Deleted.') },
  problems: {
    'not-found': 'There is no item "film-7".',
    'precondition-failed': 'The item is not what If-Match says; read it again.',
  },
};

export function itemRoutes({ store: { catalogue } }: Pick<AppDeps, 'store'>) {
  return async (app: App): Promise<void> => {
    entityRoutes<StoredItem, typeof ItemsQuery>(app, {
      name: 'item',
      schemaName: 'Item',
      idField: 'itemId',
      schema: Item,
      stored: ItemView,
      params: ItemParams,
      query: ItemsQuery,
      example: { sent: ITEM, stored: STORED },
      isPersonal: false,
      notes: { get: 'As it was sent last, with null for what was not said.', list: '' },
      parse: parseItem,
      view: viewItem,
      put: catalogue.putItems,
      get: catalogue.getItem,
      change: catalogue.changeItem,
      list: ({ limit = 50, cursor, ...filter }) => catalogue.listItems(filter, limit, cursor),
    });

    app.delete('/items/:itemId', {
      config: { scope: 'write' },
      schema: deleteItem,
      handler: async (request, reply) => {
        const itemId = checkedId('itemId', request.params.itemId);
        const isDeleted = await catalogue.deleteItem(itemId, (item) =>
          checkRow('The item', request, reply, item && viewItem(item), ItemView),
        );
        if (!isDeleted) throw unknown('item', itemId);
        return reply.code(204).send();
      },
    });
  };
}
