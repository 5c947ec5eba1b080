import { createRng } from '../../src/core/rng.ts';
import type { DistillationSpec } from '../../src/domain/jobs/distillation-spec.ts';
import type { Row } from './data.ts';

const RATED_USERS = 40;
export const RATED_ITEMS = 24;

/** Two kinds of films and two kinds of people: who likes one kind gives it 5 and the other 1, some are a star milder. */
export function ratingOf(user: number, item: number): number {
  const likes = user % 2 === item % 2;
  const mild = user % 4 > 1;
  return likes ? (mild ? 4 : 5) : mild ? 2 : 1;
}

/** Each user rated two films in three. */
export function ratedRows(): Row[] {
  const rng = createRng(3);
  const rows: Row[] = [];
  for (let user = 0; user < RATED_USERS; user++) {
    for (let item = 0; item < RATED_ITEMS; item++) {
      if (rng.next() < 1 / 3) continue;
      rows.push({
        user: `user ${String(user).padStart(2, '0')}`,
        item: `film/${String(item).padStart(2, '0')}`,
        type: 'rating',
        value: ratingOf(user, item),
        timestamp: Date.UTC(2026, 0, 1) + rng.int(1_000_000) * 1000,
      });
    }
  }
  return rng.shuffle(rows);
}

/** A job of seconds that learns them well. */
export const RATING_SPEC: DistillationSpec = {
  model: 'films',
  task: 'rating',
  teacher: {
    kind: 'matrix-factorization',
    objective: 'svd++',
    dimensions: 4,
    learningRate: 0.05,
    regularization: 0.02,
  },
  student: { kind: 'fold-in', dimensions: 4 },
  distillation: { epochs: 40, batchSize: 8, learningRate: 0.03, seed: 7 },
};
