import { beforeAll, describe, expect, it } from 'vitest';
import { type LoadedStudent, loadStudent } from '../../src/artifact/student/load.ts';
import type { TrainingSource } from '../../src/domain/data/interaction-source.ts';
import type { DistillationSpec } from '../../src/domain/jobs/distillation-spec.ts';
import type { Report } from '../../src/domain/reports/report.ts';
import { createEncoder, encodeAll } from '../../src/features/encoding.ts';
import { withNewItems } from '../../src/scoring/new-items.ts';
import { createStudentScorer } from '../../src/scoring/student-scorer.ts';
import { sourceOf } from '../helpers/data.ts';
import { groupOf, groupRows } from '../helpers/groups.ts';
import { item } from '../helpers/store.ts';
import { run, SPEC, storeOf } from './run-job.ts';

const rows = groupRows();
const ids = (of: 'user' | 'item') => [...new Set(rows.map((row) => row[of]))].sort();

/** The blocks of items differ in a category and in a number, those of users in a word; both say other things too. */
function describedSource(): TrainingSource {
  return {
    ...sourceOf(rows),
    async *items() {
      yield ids('item').map((id, i) =>
        item(id, {
          title: `Film ${i}`,
          categories: [groupOf(id)],
          features: { size: groupOf(id) === 'left' ? 1 + (i % 3) : 10 + (i % 3), odd: i % 2 === 1 },
        }),
      );
      yield [item('never seen', { categories: ['left'] })];
    },
    async *users() {
      yield ids('user').map((userId, i) => ({
        userId,
        features: { likes: groupOf(userId), age: 20 + (i % 5) },
      }));
    },
  };
}

async function runWith(spec: Partial<DistillationSpec>) {
  const source = describedSource();
  const store = {
    ...storeOf(rows),
    interactions: { snapshot: (read: (s: TrainingSource) => never) => read(source) },
  };
  const result = await run({ ...SPEC, ...spec }, rows, { store: store as never });
  return { ...result, student: await loadStudent(result.artifacts, 'models/blocks/job-1') };
}

/** Scores of a history and of what is said of its user. */
function scoresOf({ weights }: LoadedStudent, history: number[], features?: Record<string, unknown>) {
  const out = new Float32Array(weights.itemsOut.rows);
  const side = features && createEncoder(weights.features!.users!.encoding)({ features });
  createStudentScorer(weights).scoresInto(
    history,
    history.map(() => 1),
    out,
    side,
  );
  return out;
}

const segmentsOf = (report: Report, ranker: string) =>
  Object.fromEntries(
    report.models.find(({ name }) => name === ranker)!.segments.map((row) => [row.segment, row.metrics]),
  );

describe('features of items and users', () => {
  let student: LoadedStudent;
  let report: Report;

  beforeAll(async () => {
    ({ student, report } = await runWith({
      distillation: { epochs: 20, batchSize: 8, seed: 7 },
      features: { items: true, users: true, training: true },
      evaluation: { k: [3, 5], coldItems: 0.15 },
    }));
  });

  it('ranks new items by what is said of them, for users of either group', () => {
    const { weights } = student;
    const described = [
      { categories: ['left'], features: { size: 2 } },
      { categories: ['right'], features: { size: 11 } },
    ];
    const bags = encodeAll(weights.features!.items!.encoding, described);
    const longer = { ...student, weights: withNewItems(weights, bags) };
    const [newLeft, newRight] = [student.items.length, student.items.length + 1];
    for (const [group, own, other] of [
      ['left', newLeft, newRight],
      ['right', newRight, newLeft],
    ] as const) {
      const history = student.items.flatMap((id, row) => (groupOf(id) === group ? [row] : [])).slice(0, 5);
      const scores = scoresOf(longer, history, { likes: group });
      const strangers = student.items.flatMap((id, row) => (groupOf(id) === group ? [] : [scores[row]!]));
      expect(scores[own]).toBeGreaterThan(Math.max(...strangers, scores[other]!));
    }
  });

  it('answers a user without a history with the items of the group', () => {
    for (const group of ['left', 'right']) {
      const scores = scoresOf(student, [], { likes: group, age: 23 });
      const best = student.items.map((_, row) => row).sort((a, b) => scores[b]! - scores[a]!);
      expect(best.slice(0, 8).map((row) => groupOf(student.items[row]!))).toEqual(Array(8).fill(group));
    }
  });

  it('reports items and users that nobody had seen, beside popularity', () => {
    const [own, popular] = [segmentsOf(report, 'student'), segmentsOf(report, 'popularity')];
    expect(own['users:cold']!['recall@5']).toBeGreaterThan(popular['users:cold']!['recall@5']!);
    expect(own['items:cold-only']!['recall@5']).toBeGreaterThan(0.6);
    expect(popular['items:cold-only']!['recall@5']).toBe(0);
    // They stand at the end of the first twenty places, behind the five that are measured here.
    const { recommended, validation } = report.newItems!;
    expect(recommended).toBe(true);
    expect(validation!['recall@20']).toBeGreaterThan(validation!.byChance);
    expect(segmentsOf(report, 'teacher')['users:cold']).toBeDefined();
    expect(segmentsOf(report, 'teacher')['items:cold']).toBeDefined();
    expect(report.settings.features).toMatchObject({
      teacherReads: { items: true, users: true },
      coldItems: { items: ids('item').length - student.items.length },
    });
  });

  it('counts the rows of features in the size of the student', () => {
    const { users, items } = student.weights.features!;
    expect(items!.encoding.fields.map(({ name }) => name)).toEqual([
      'all',
      'categories',
      'features.odd',
      'features.size',
      'title',
    ]);
    const ranker = report.models.find(({ name }) => name === 'student')!;
    expect(ranker.description).toContain(`${items!.encoding.known.length} item features`);
    expect(ranker.bytes).toBeGreaterThan(
      2 * 4 * (student.items.length + items!.encoding.known.length) + 4 * users!.encoding.known.length,
    );
  });

  it('trains on the cold items in the end where the job refits, and takes teachers that read no features', async () => {
    const { student, report } = await runWith({
      teacher: { kind: 'ease' },
      features: { items: ['categories'] },
      evaluation: { k: [3], coldItems: 0.15, refit: true },
    });
    expect([...student.items].sort()).toEqual(ids('item'));
    expect(student.weights.popularity.every((count) => count > 0)).toBe(true);
    expect(report.settings.features).toMatchObject({ teacherReads: { items: false, users: false } });
    expect(segmentsOf(report, 'teacher')['items:cold']).toBeUndefined();
  });

  it('refuses fields that nobody has, before anything is trained', async () => {
    const wrong = runWith({ features: { items: ['genre'] } });
    await expect(wrong).rejects.toMatchObject({
      code: 'invalid-job',
      detail: expect.stringContaining('features.items names features.genre, of which no item says anything'),
    });
    const empty = run({ ...SPEC, features: { users: true } });
    await expect(empty).rejects.toMatchObject({ detail: expect.stringContaining('features.users') });
  });
});
