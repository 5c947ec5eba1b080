import { beforeAll, describe, expect, it } from 'vitest';
import { loadLabelStudent } from '../../src/artifact/student/label-student.ts';
import type { NewVersion } from '../../src/domain/answers/model.ts';
import type { StoredItem } from '../../src/domain/data/catalogue.ts';
import type { DistillationSpec } from '../../src/domain/jobs/distillation-spec.ts';
import type { Report } from '../../src/domain/reports/report.ts';
import { createEncoder } from '../../src/features/encoding.ts';
import { createLabelScorer } from '../../src/scoring/label-scorer.ts';
import { sourceOf } from '../helpers/data.ts';
import {
  FILMS,
  filmId,
  isOld,
  kindOf,
  labelledFilms,
  labelledPeople,
  takenRows,
} from '../helpers/labelled.ts';
import { memoryArtifacts, run, storeOf } from './run-job.ts';

const SPEC: DistillationSpec = {
  model: 'kinds',
  task: 'multi-label',
  labels: { of: 'items', from: 'categories' },
  teacher: { kind: 'multilabel', hidden: [64], epochs: 40, batchSize: 16, learningRate: 0.01 },
  student: { kind: 'fold-in', dimensions: 8 },
  distillation: { epochs: 30, batchSize: 16, learningRate: 0.02, seed: 3 },
};

const catalogue = { items: labelledFilms(), users: labelledPeople() };

async function label(spec: Partial<DistillationSpec> = {}, data: typeof catalogue = catalogue) {
  const rows = takenRows();
  const store = { ...storeOf(rows), interactions: sourceOf(rows, 50, data) };
  const { report, ...rest } = await run({ ...SPEC, ...spec }, rows, { store });
  const loaded = await loadLabelStudent(rest.artifacts, 'models/kinds/job-1');
  return {
    report,
    ...rest,
    ...loaded,
    named: (name: string) => report.models.find((one) => one.name === name)!,
  };
}

const changed = (change: (item: StoredItem, film: number) => StoredItem) => ({
  ...catalogue,
  items: labelledFilms(change),
});

describe('a job that learns labels', () => {
  it('finds the kind of a film from what it is taken with, and its age from its year', async () => {
    const { report, student, manifest, named, weights } = await label();
    expect(report).toMatchObject({
      task: 'multi-label',
      labels: { of: 'items', from: 'categories', leftOut: [] },
    });
    expect(report.labels!.each.map((one) => one.label)).toEqual(['Even', 'Odd', 'Old']);
    expect(report.models.map(({ name }) => name)).toEqual([
      'teacher',
      'student',
      'student-float32',
      'student-alone',
      'best-alone',
      'frequency',
    ]);
    expect(named('teacher').metrics.microF1!.value).toBeGreaterThan(0.9);
    expect(named('student').metrics.microF1!.value).toBeGreaterThan(0.9);
    expect(named('student').metrics['precision@1']!.value).toBeGreaterThan(0.9);
    expect(named('frequency').metrics.microF1!.value).toBeLessThan(0.75);
    expect(named('student').fidelity!.agreement!.value).toBeGreaterThan(0.9);
    expect(named('student').bytes).toBeLessThan(named('teacher').bytes / 4);
    expect(named('student').bytes).toBe(weights.length);
    expect(report.comparison.gainOverBaseline.microF1!.low).toBeGreaterThan(0);
    expect(report.data).toMatchObject({
      entities: { all: FILMS, withLabels: 110, labels: 3 },
      testUsers: 22,
      train: 77,
      validation: 11,
      test: 22,
    });
    expect(manifest.summary.metrics.student!.microF1).toBe(named('student').metrics.microF1!.value);

    // Nobody said of the last ten what they are.
    const scorer = createLabelScorer(student);
    const encode = createEncoder(student.encoding!);
    for (let film = FILMS - 10; film < FILMS; film++) {
      const features = encode(catalogue.items[film]!);
      const said = scorer.probabilities({ row: student.items.indexOf(filmId(film)), features });
      expect(student.labels.filter((_, l) => said[l]! >= student.thresholds[l]!)).toEqual(
        [kindOf(film), ...(isOld(film) ? ['Old'] : [])].sort(),
      );
    }
    // A film that nobody knew, by what those who took it took besides.
    const rows = [1, 5, 7, 9, 11].map((film) => student.items.indexOf(filmId(film)));
    const said = scorer.probabilities({ behaviour: { rows, weights: rows.map(() => 1) } });
    expect(said[1]!).toBeGreaterThan(said[0]!);
  });

  it('finds what users like from what they take, without features too', async () => {
    const { report, student, named } = await label({ labels: { of: 'users', from: 'features.likes' } });
    expect(report.labels!.each.map((one) => one.label)).toEqual(['Even', 'Odd']);
    expect(named('student').metrics.microF1!.value).toBeGreaterThan(0.95);
    expect(student).toMatchObject({ of: 'users', known: null, encoding: null });
    const rows = [0, 2, 4].map((film) => student.items.indexOf(filmId(film)));
    const said = createLabelScorer(student).probabilities({ behaviour: { rows, weights: [1, 1, 1] } });
    expect(said[0]!).toBeGreaterThan(0.65);
    expect(said[1]!).toBeLessThan(0.35);
  });

  it('learns the labels that are named, those without them being without', async () => {
    const { report, named } = await label({ labels: { of: 'items', from: 'categories', names: ['Odd'] } });
    expect(report.labels!.each.map((one) => one.label)).toEqual(['Odd']);
    expect(report.data.entities!.withLabels).toBe(110);
    expect(named('student').metrics.microF1!.value).toBeGreaterThan(0.9);
  });

  it('leaves out labels that few or all have, and says so', async () => {
    const odd = changed((item, film) => ({
      ...item,
      categories: [
        ...item.categories,
        ...(film === 4 ? ['Lost'] : []),
        ...(item.categories.length > 0 ? ['Film'] : []),
      ],
    }));
    const { report, warned } = await label({}, odd);
    expect(report.labels!.leftOut).toEqual([
      { label: 'Film', count: 110, reason: 'everywhere' },
      { label: 'Lost', count: 1, reason: 'rare' },
    ]);
    expect(warned.join(' ')).toMatch(
      /fewer than labels.minimum 5 have them: "Lost".*nothing to tell apart: "Film"/,
    );
    expect(report.warnings).toEqual(warned);
  });

  const short = { distillation: { ...SPEC.distillation, epochs: 3 } };
  /** A job that two tests go on from. */
  let first: Awaited<ReturnType<typeof label>>;
  beforeAll(async () => {
    first = await label(short);
  });

  it('publishes what learnt from all labels where asked', async () => {
    const refitted = await label({ ...short, evaluation: { refit: true } });
    expect(refitted.report.models).toEqual(first.report.models);
    expect(refitted.weights).not.toEqual(first.weights);
  });

  it('learns from the version before over a changed catalogue, and a refit leaves the next one no test', async () => {
    // Without one film and with another one, and with a word that no film had before.
    const rows = takenRows().map((row) => ({
      ...row,
      item: row.item === filmId(2) ? 'film/new' : row.item,
    }));
    const items = labelledFilms((item, film) => ({
      ...item,
      itemId: film === 2 ? 'film/new' : item.itemId,
      title: `${item.title} anew`,
    }));
    const store = { ...storeOf(rows), interactions: sourceOf(rows, 50, { items, users: [] }) };
    const later = async (
      model: string,
      before: { version: NewVersion; artifacts: typeof first.artifacts },
    ) => {
      const version = { ...before.version, version: 1, createdAt: '', aliases: ['stable'] };
      const models = { names: async () => [version.model], versions: async () => [version] };
      const artifacts = memoryArtifacts(before.artifacts.files);
      const spec = {
        ...SPEC,
        model,
        teacher: { model: version.model },
        distillation: { ...SPEC.distillation, epochs: 15 },
        evaluation: { refit: true },
      };
      const job = await run(spec, rows, { store: { ...store, models } }, artifacts);
      return { ...job, report: job.report };
    };
    const second = await later('second', first);
    const microF1 = (report: Report, name: string) =>
      report.models.find((one) => one.name === name)!.metrics.microF1!.value;
    expect(second.report.settings).toMatchObject({
      teacher: { kind: 'stored', model: 'kinds', version: 1, part: 'teacher' },
      epochsOfTeacher: first.report.settings.epochsOfTeacher,
      refit: true,
    });
    expect(microF1(second.report, 'teacher')).toBeGreaterThan(0.9);
    expect(microF1(second.report, 'student')).toBeGreaterThan(0.9);
    expect(second.warned.join()).not.toMatch(/Version 1/);
    expect(second.report.data.takenOut).toMatchObject({ test: { taken: 0 }, validation: { taken: 0 } });
    // The third would be tested on what the second learned from in its refit.
    await expect(later('third', second)).rejects.toMatchObject({
      code: 'not-enough-data',
      detail: expect.stringMatching(
        /^Version 1 of second learned from (\d+) of the \1 test and (\d+) of the \2 validation labelled entities, so that 0 test entities are left/,
      ),
    });
  });

  it.each<
    [string, Partial<DistillationSpec>, (item: StoredItem, film: number) => StoredItem, string, RegExp]
  >([
    [
      'a catalogue without labels',
      {},
      (item) => ({ ...item, categories: [] }),
      'not-enough-data',
      /labels.from: no item has categories/,
    ],
    [
      'a feature that there is not',
      { labels: { of: 'items', from: 'features.genre' } },
      (item) => item,
      'not-enough-data',
      /no item has features.genre/,
    ],
    [
      'names that are no labels',
      { labels: { of: 'items', from: 'categories', names: ['Odd', 'Opera'] } },
      (item) => item,
      'invalid-job',
      /labels.names: nothing has "Opera" in categories; there are: "Even", "Odd", "Old"/,
    ],
    [
      'one label for all',
      {},
      (item) => ({ ...item, categories: ['Film'] }),
      'not-enough-data',
      /No label of categories tells items apart: of 120 with labels "Film" is on 120/,
    ],
    [
      'labels that few have',
      { labels: { of: 'items', from: 'categories', minimum: 60 } },
      (item) => item,
      'not-enough-data',
      /"Even" is on 55, .*labels.minimum 60/,
    ],
    [
      'features that there are not',
      { labels: { of: 'items', from: 'categories', features: ['features.length'] } },
      (item) => item,
      'invalid-job',
      /labels.features names features.length/,
    ],
    [
      'too few with labels',
      { labels: { of: 'items', from: 'categories', minimum: 2 } },
      (item, film) => ({ ...item, categories: film < 6 ? [kindOf(film)] : [] }),
      'not-enough-data',
      /Labels of 6 are known, of which dataset.split holds out 1 for the test and 0 for validation/,
    ],
  ])('refuses %s', async (_, spec, change, code, detail) => {
    await expect(label(spec, changed(change))).rejects.toMatchObject({
      code,
      detail: expect.stringMatching(detail),
    });
  });
});
