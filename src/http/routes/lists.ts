import { ListQuery } from '../../domain/answers/recommend-request.ts';
import { ItemList } from '../../domain/answers/recommendation.ts';
import type { ListOptions, Lists } from '../../serving/answers/lists.ts';
import type { App } from '../app-type.ts';
import type { AppDeps } from '../deps.ts';
import { json } from '../docs/documentation.ts';
import { excludedIn } from '../excluded.ts';

const ITEM = { itemId: 'film-7', title: 'Toy Story (1995)' };
const AT = '2026-03-01T12:00:00.000Z';
const HOLDS =
  'category, filter, availability and hide rules that are not of one model hold for every item; fewer items come when fewer fit.';

const LISTS: Record<keyof Lists, { summary: string; description: string; example: ItemList }> = {
  popular: {
    summary: 'What is popular',
    description: `By users with a positive interaction: each counts once per item, by the weight of what they said, and half after the half-life (setting POPULARITY_HALF_LIFE_DAYS). The same popularity is recommended where the student cannot be asked. Counted anew in the background, every five seconds where that is quick. ${HOLDS}`,
    example: { items: [{ ...ITEM, score: 41.5, users: 120 }], computedAt: AT },
  },
  trending: {
    summary: 'What is rising',
    description: `By how far the users of the last 7 days are above those that the 28 days before let expect of the same item: (recent - expected) / sqrt(expected + 1), where expected is a quarter of the past users; only what rises. Days are counted back from the newest interaction. ${HOLDS}`,
    example: { items: [{ ...ITEM, score: 4.9, recent: 8, past: 4 }], computedAt: AT },
  },
  latest: {
    summary: 'What is new',
    description: `The catalogue by the time since when an item can be had: availableFrom, or else when it first came into the catalogue. ${HOLDS}`,
    example: { items: [{ ...ITEM, since: AT }], computedAt: null },
  },
};

export function listRoutes({ recommender }: Pick<AppDeps, 'recommender'>) {
  return async (app: App): Promise<void> => {
    for (const name of Object.keys(LISTS) as (keyof Lists)[]) {
      const { summary, description, example } = LISTS[name];
      app.get(`/${name}`, {
        config: { scope: 'recommend' },
        schema: {
          operationId: `list${name[0]!.toUpperCase()}${name.slice(1)}`,
          tags: ['recommendations'],
          summary,
          description,
          querystring: ListQuery,
          response: { 200: json('The list.', ItemList, { 'one item': example }) },
          problems: {
            'invalid-request':
              'filter, at character 9: it ends, expected a number, a text in quotes, true or false.',
          },
        },
        handler: (request) => recommender.lists[name](excludedIn(request.query as ListOptions)),
      });
    }
  };
}
