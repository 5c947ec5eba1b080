import { RankBody } from '../../domain/answers/recommend-request.ts';
import { RankAnswer } from '../../domain/answers/recommendation.ts';
import { withVersionText } from '../../domain/base/version-ref.ts';
import type { RankOptions } from '../../serving/answers/rank.ts';
import { createInstalledEvents } from '../../serving/views/installed-events.ts';
import type { App } from '../app-type.ts';
import type { AppDeps } from '../deps.ts';
import { json } from '../docs/documentation.ts';
import { RECOMMEND_PROBLEMS } from '../docs/examples.ts';
import { goneSignal } from '../gone.ts';
import { subjectOf } from '../session.ts';

const rank = {
  operationId: 'rankItems',
  tags: ['recommendations'],
  summary: 'Put a list of items in order for a user',
  description:
    'Scores up to 1,000 items for a user, a session, or both. Seen items are ranked too. What nobody may be shown (hidden, not available, hidden by a rule), and what the user dislikes, comes back in `leftOut`, and that of which nothing is known in `unknown`. Items given twice are ranked once.',
  body: RankBody,
  examples: { 'two items for a user': { userId: 'user-42', items: ['film-7', 'film-9'] } },
  response: {
    200: json(
      'The items, best first.',
      RankAnswer,
      {
        'one known item, one unknown': {
          userId: 'user-42',
          items: [{ itemId: 'film-7', score: 8.31, title: 'Toy Story (1995)' }],
          unknown: ['film-9999'],
          leftOut: [],
          source: 'student',
          model: { name: 'movies', version: 4, task: 'default' },
          recommendationId: '3b241101-e2bb-4255-8caf-4136c566a962',
        },
      },
      ['Cache-Control'],
    ),
  },
  problems: {
    ...RECOMMEND_PROBLEMS,
    'invalid-request': 'items is missing.',
  },
};

export function rankRoutes({
  recommender,
  now,
  store,
  installedEvents = createInstalledEvents(store.eventTypes),
}: Pick<AppDeps, 'recommender' | 'now' | 'store' | 'installedEvents'>) {
  return async (app: App): Promise<void> => {
    app.post('/rank', {
      config: { scope: 'recommend' },
      schema: rank,
      handler: async (request, reply) => {
        const options = withVersionText(request.body) as RankOptions;
        const subject = subjectOf(request.body, now(), await installedEvents.get());
        const answer = await recommender.rank(subject, options, goneSignal(reply));
        reply.header('cache-control', 'private, no-store');
        return answer;
      },
    });
  };
}
