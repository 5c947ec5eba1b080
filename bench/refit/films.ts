import type { StudentWeights } from '../../src/artifact/student/student-weights.ts';
import { createStudentScorer } from '../../src/scoring/student-scorer.ts';
import type { Upload } from '../quality/data-sets.ts';

const FILMS = ['film-a', 'film-b', 'film-c'];
const FANS = 80;

/** Adds three films that eighty users, whoever they are, watch last of all and love. */
export function withFilms({ csv, ...upload }: Upload): Upload[] {
  const [header = '', ...lines] = csv.trimEnd().split('\n');
  const names = header.split(',');
  const cellOf = (line: string, name: string) => line.split(',')[names.indexOf(name)]!;
  const last = Math.max(...lines.map((line) => Number(cellOf(line, 'timestamp'))));
  const users = [...new Set(lines.map((line) => cellOf(line, 'userId')))].sort();
  const step = Math.floor(users.length / FANS);
  const fans = users.filter((_, i) => i % step === 0).slice(0, FANS);
  const added = fans.flatMap((userId) =>
    FILMS.map((itemId, i) => {
      const row: Record<string, string> = { userId, itemId, rating: '5', timestamp: `${last + 1 + i}` };
      return names.map((name) => row[name] ?? '').join(',');
    }),
  );
  return [{ ...upload, csv: [header, ...lines, ...added].join('\n') }];
}

/** Place of the third film for somebody who has the other two alone, and for one who has the first alone. */
export function placesForFan(weights: StudentWeights, items: readonly string[]): string {
  const scorer = createStudentScorer(weights);
  const [a, b, c] = FILMS.map((film) => items.indexOf(film)) as [number, number, number];
  const place = (history: number[]) => {
    const weightsOf = history.map(() => 1);
    const { rows } = scorer.recommend(history, weightsOf, scorer.items - history.length, history);
    return rows.indexOf(c) + 1;
  };
  return `the third film is number ${place([a, b])} for somebody with the other two, ${place([a])} with the first alone`;
}
