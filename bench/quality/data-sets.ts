import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { DatasetSpec } from '../../src/domain/tasks/dataset-spec.ts';

/** One upload: a CSV with a header, and the interaction type of its rows where the file has none. */
export interface Upload {
  csv: string;
  type?: string;
}

export interface QualitySet {
  name: string;
  /** Where its files are, if not under its name. */
  folder?: string;
  /** What every job on it says. */
  job?: object;
  about: string;
  /** What the rows of the page are compared by, the first being the one that the tables are sorted by. */
  headline: string[];
  ks: number[];
  dimensions: number[];
  dataset: DatasetSpec;
  /** For tuning: nothing of the test part is imported, the validation part takes its place. */
  tuning: { dataset: DatasetSpec; about: string };
  uploads(tuning: boolean): Upload[];
}

/** @param folder the data sets, one folder each */
export function qualitySets(folder: string): Record<string, QualitySet> {
  const read = (...path: string[]) => gunzipSync(readFileSync(join(folder, ...path))).toString();
  const typed = (set: string, file: string) => ({ csv: read(set, `${file}.csv.gz`), type: file });
  const sets: QualitySet[] = [
    {
      name: 'citeulike-htd',
      about: '5,219 users x 25,182 items, one validation and one test item per user, as published with HTD',
      headline: ['recall@50', 'ndcg@10', 'recall@20'],
      ks: [10, 20, 50],
      dimensions: [16, 20, 32, 64],
      dataset: { split: { strategy: 'types', validation: 'valid', test: 'test' } },
      tuning: {
        dataset: { split: { strategy: 'types', test: 'valid' } },
        about: 'test: the published validation items; validation: a tenth of each training history',
      },
      uploads: (tuning) =>
        ['train', 'valid', ...(tuning ? [] : ['test'])].map((file) => typed('citeulike-htd', file)),
    },
    {
      name: 'gowalla',
      about:
        '29,858 users x 40,981 items, the published LightGCN split; all of its training part is trained on',
      headline: ['recall@20', 'ndcg@20', 'ndcg@10'],
      ks: [10, 20],
      dimensions: [16, 32, 64],
      dataset: { split: { strategy: 'types', test: 'test', validationFraction: 0 } },
      tuning: {
        dataset: { split: { strategy: 'random', testFraction: 0.1, validationFraction: 0.1 } },
        about: 'of the training part, a tenth of each history as test and a tenth as validation',
      },
      uploads: (tuning) => ['train', ...(tuning ? [] : ['test'])].map((file) => typed('gowalla', file)),
    },
    {
      name: 'ml-100k',
      about:
        "943 users, ratings of 4 and 5; each user's newest fifth is test, the tenth before it validation",
      headline: ['ndcg@10', 'recall@20'],
      ks: [10, 20],
      dimensions: [16, 32, 64],
      dataset: { split: { strategy: 'last-fraction' } },
      tuning: {
        dataset: { split: { strategy: 'last-fraction', testFraction: 0.125, validationFraction: 0.1 } },
        about: "each user's newest fifth is never imported; of the rest the newest eighth is test",
      },
      uploads: (tuning) => {
        const csv = read('ml-100k', 'ratings.csv.gz');
        return [{ csv: tuning ? withoutNewest(csv, 0.2) : csv }];
      },
    },
    {
      name: 'amazon-beauty',
      about:
        '22,363 users x 12,101 items as sets; the last item of each user is test, the one before validation',
      headline: ['ndcg@10', 'recall@20', 'hr@10'],
      ks: [10, 20],
      dimensions: [16, 32, 64],
      dataset: { split: { strategy: 'leave-last-out' } },
      tuning: {
        dataset: { split: { strategy: 'leave-last-out' } },
        about: 'the last item of each user is never imported',
      },
      uploads: (tuning) => {
        const csv = read('amazon-beauty', 'sequences.csv.gz').replace('position', 'timestamp');
        return [{ csv: tuning ? withoutNewest(csv, 0) : csv, type: 'review' }];
      },
    },
  ];
  const beauty = sets.find(({ name }) => name === 'amazon-beauty')!;
  sets.push({
    ...beauty,
    name: 'amazon-beauty-sequential',
    folder: beauty.name,
    job: { task: 'sequential' },
    about:
      '22,363 users x 12,101 items as sequences; the last item of each user is test, the one before validation',
    headline: ['ndcg@10', 'hr@10', 'recall@20'],
  });
  return Object.fromEntries(sets.map((set) => [set.name, set]));
}

export function hasData(folder: string, name: string): boolean {
  return existsSync(join(folder, name));
}

/** The CSV without each user's newest rows: a share of them, at least one. The time is the last column. */
function withoutNewest(csv: string, share: number): string {
  const [header = '', ...lines] = csv.trimEnd().split('\n');
  const rows = lines.map((line) => {
    const cells = line.split(',');
    return { line, user: cells[0]!, time: Number(cells.at(-1)) };
  });
  const byUser = new Map<string, typeof rows>();
  for (const row of rows) byUser.set(row.user, [...(byUser.get(row.user) ?? []), row]);
  const kept = [...byUser.values()].flatMap((own) => {
    const sorted = own.toSorted((a, b) => a.time - b.time);
    return sorted.slice(0, own.length - Math.max(1, Math.floor(share * own.length)));
  });
  return [header, ...kept.map((row) => row.line), ''].join('\n');
}

/** The tuning part with a fifth of the users held out. Types that name the part of a pair mean nothing to this split: each counts. */
export function ofHeldOutUsers({ tuning }: QualitySet, uploads: readonly Upload[]) {
  const types = Object.fromEntries(uploads.flatMap(({ type }) => (type ? [[type, {}]] : [])));
  const split = { strategy: 'held-out-users', testFraction: 0.2 } as const;
  return { ...tuning.dataset, split, ...(Object.keys(types).length > 0 && { types }) };
}
