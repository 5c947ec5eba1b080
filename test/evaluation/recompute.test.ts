import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completeDistillation } from '../../src/domain/jobs/complete-distillation.ts';
import type { DistillationSpec } from '../../src/domain/jobs/distillation-spec.ts';
import type { Report } from '../../src/domain/reports/report.ts';
import type { Row } from '../helpers/data.ts';
import { HIDDEN, livedIn, SINCE } from '../helpers/lived-in.ts';
import { findPython } from '../helpers/provide-python.ts';
import { item } from '../helpers/store.ts';
import { type Service, startService } from '../http/service.ts';
import { memoryArtifacts, run } from '../training/run-job.ts';

const folderOfScript = path.join(import.meta.dirname, 'recompute');
const { python, why } = await findPython(
  'numpy',
  path.join(folderOfScript, 'requirements.txt'),
  'The recomputation of reports in Python',
);

const START = Date.parse(SINCE) + 1000;

/** Words of every fourth user on items of their taste, seconds after the start: words that are taken back, or that newer ones replace. */
const SAID: readonly (readonly [
  item: string,
  ...words: (readonly [type: string, at: number, value?: number])[],
])[] = [
  ['film-04', ['like', 150], ['unlike', 700]],
  ['film-05', ['dislike', 250], ['undislike', 450]],
  ['film-06', ['rating', 300, 5], ['rating', 800, 1]],
  ['film-07', ['rating', 100, 1], ['rating', 600, 5]],
  ['film-08', ['rating', 350, 4], ['view', 650], ['impression', 660]],
  ['film-09', ['thumbs', 120, 2], ['thumbs', 320, -1], ['thumbs', 520, 3], ['thumbs', 9_300, 1]],
  ['film-10', ['minutes', 220, 30], ['minutes', 420, 90], ['minutes', 620, 10]],
  ['film-18', ['impression', 50], ['dislike', 9_500]],
  ['film-19', ['skip', 60], ['dislike', 9_600]],
  ['film-20', ['click', 200], ['hide', 500]],
  ['good-3', ['purchase', 140, 3], ['return', 540, 2], ['purchase', 9_400, 5]],
  ['good-4', ['purchase', 240, 2], ['purchase', 640, -2]],
];

/** Beside what livedIn has: newer words, equal times, no times, ids beyond ASCII, and users with too few pairs for a test. */
function rowsOf(users: number): Row[] {
  const rows = livedIn(users);
  const own = [...new Set(rows.map(({ user }) => user))].sort();
  for (const [u, user] of own.entries()) {
    const [film, taste] = [(name: string) => `film-${u % 2}-${name}`, u % 2];
    const time = START + 100_000 * (u % 11);
    for (const [k, [item, ...words]] of SAID.entries()) {
      if (u % 4 !== k % 4) continue;
      for (const [type, at, value] of words)
        rows.push({
          user,
          item: item.replace('-', `-${taste}-`),
          type,
          timestamp: START + 1000 * at,
          ...(value !== undefined && { value }),
        });
    }
    if (u % 3 === 0) rows.push({ user, item: `good-${taste}-6`, type: 'purchase', timestamp: time });
    if (u % 3 === 0) rows.push({ user, item: `good-${taste}-7`, type: 'click', timestamp: time });
    if (u % 7 === 0) rows.push({ user, item: film('\u{1f3ac}'), type: 'click', timestamp: time + 1_100_000 });
    if (u % 5 === 0) rows.push({ user: `${user} \u{1f600}ß`, item: film('00'), timestamp: time });
  }
  return rows;
}

const BASE: DistillationSpec = {
  model: 'films',
  dataset: { types: { click: { weight: 1 }, purchase: { weight: 3 }, rating: { minValue: 4 } } },
  teacher: { kind: 'ease' },
  student: { kind: 'fold-in', dimensions: 8, maxHistory: 6 },
  distillation: { epochs: 2, batchSize: 64, seed: 7 },
  evaluation: { refit: false, k: [5, 10] },
};
const JOBS: [string, DistillationSpec][] = [
  [
    'last-fraction',
    {
      ...BASE,
      dataset: {
        ...BASE.dataset,
        since: SINCE,
        split: { strategy: 'last-fraction', testFraction: 0.2, validationFraction: 0.1 },
      },
    },
  ],
  [
    'random',
    {
      ...BASE,
      dataset: {
        events: {
          purchase: { weight: 3 },
          view: { meaning: 'ignored' },
          thumbs: { meaning: 'positive', value: { as: 'linear', negative: 'dislikes' }, repeats: 'sum' },
          minutes: { meaning: 'positive', weight: 0.5, value: { as: 'log1p' }, repeats: 'greatest' },
        },
        halfLifeDays: 0.01,
        split: { strategy: 'random', testFraction: 0.25, validationFraction: 0.15 },
      },
      student: { kind: 'fold-in', dimensions: 8, recency: 0.9 },
      evaluation: { ...BASE.evaluation, recallDenominator: 'min' },
    },
  ],
];

interface Recomputed {
  figures: number;
  different: string[];
  greatest: number;
  users: Record<string, number>;
}

describe.skipIf(python === undefined)(`a script in Python without code of the project${why}`, () => {
  let service: Service;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'stillhouse-recompute-'));
    service = await startService();
    const rows = rowsOf(240);
    for (let at = 0; at < rows.length; at += 1000) {
      await service.store.interactions.add(
        rows
          .slice(at, at + 1000)
          .map(({ user, item: itemId, type = 'click', value = null, timestamp = null }) => ({
            ...{ userId: user, itemId, type, value, timestamp, eventId: null },
          })),
      );
    }
    await service.store.catalogue.putItems([item(HIDDEN, { hidden: true })]);
  });
  afterAll(async () => {
    await service?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Lays export, job and artifact into a folder of their own, with the report as it is after `spoil`. */
  async function prepare(name: string, spec: DistillationSpec): Promise<string> {
    const { store } = service;
    const artifacts = memoryArtifacts();
    const { version } = await run(spec, [], { store }, artifacts);
    const own = path.join(folder, name);
    for (const [key, bytes] of artifacts.files) {
      const file = path.join(own, 'artifact', path.relative(version.artifact, key));
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, bytes);
    }
    await writeFile(path.join(own, 'job.json'), JSON.stringify(completeDistillation(spec)));
    for (const kind of ['interactions', 'items']) {
      const response = await fetch(`${service.url}/exports/${kind}`);
      expect(response.status).toBe(200);
      await writeFile(path.join(own, `${kind}.ndjson`), await response.text());
    }
    return own;
  }

  async function recompute(own: string): Promise<Recomputed> {
    const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };
    return new Promise((resolve, reject) => {
      execFile(python!, [path.join(folderOfScript, 'main.py'), own], { env }, (error, stdout, stderr) => {
        if (stdout === '') reject(error ?? new Error(stderr));
        else resolve(JSON.parse(stdout));
      });
    });
  }

  it.each(JOBS)(
    'recomputes every figure of a report with the split %s',
    async (name, spec) => {
      const own = await prepare(name, spec);
      const { figures, different, users } = await recompute(own);
      expect(different).toEqual([]);
      expect(figures).toBeGreaterThan(800);
      for (const kind of ['taught', 'newer', 'unseen']) expect(users[kind]).toBeGreaterThanOrEqual(20);

      const file = path.join(own, 'artifact', 'report.json');
      const report: Report = JSON.parse(await readFile(file, 'utf8'));
      const student = report.models.find((one) => one.name === 'student')!;
      student.metrics['ndcg@10']!.low += 1e-8;
      report.histories[1]!.retained['recall@5']!.value += 1e-8;
      await writeFile(file, JSON.stringify(report));
      const spoilt = await recompute(own);
      expect(spoilt.different).toEqual([
        expect.stringMatching(/^models\.student\.ndcg@10\.low: /),
        expect.stringMatching(/^newer\.retained\.recall@5\.value: /),
      ]);
    },
    120_000,
  );
});
