import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { Compile } from 'typebox/compile';
import { describe, expect, it } from 'vitest';
import { packScoreLists } from '../../src/artifact/score-lists.ts';
import { createLogger } from '../../src/core/logger.ts';
import type { DistillationSpec } from '../../src/domain/jobs/distillation-spec.ts';
import type { ModelReport } from '../../src/domain/reports/model-report.ts';
import { Report } from '../../src/domain/reports/report.ts';
import type { StoredExternalTeacher } from '../../src/domain/teachers/external-teacher.ts';
import type { MemberSpec } from '../../src/domain/teachers/several/ensemble.ts';
import { createStages } from '../../src/training/run/stages.ts';
import { createScoreCollector } from '../../src/worker/import/score-collector.ts';
import { blockRows, blocks, ITEMS, USERS_PER_BLOCK } from '../helpers/data.ts';
import { temporaryFolder } from '../helpers/store.ts';
import { memoryArtifacts, run, SPEC, storeOf } from './run-job.ts';

const USERS = 2 * USERS_PER_BLOCK;
const userId = (user: number) => `user ${String(user).padStart(2, '0')}`;
const itemId = (item: number) => `item/${String(item).padStart(2, '0')}`;
const { withheld } = blocks();

const SOFTMAX = SPEC.teacher as MemberSpec;
const EASE: MemberSpec = { kind: 'ease', lambda: 1 };
const ensemble = (members: MemberSpec[], more = {}): DistillationSpec => ({
  ...SPEC,
  teacher: { kind: 'ensemble', members, ...more },
});

const value = (ranker: Pick<ModelReport, 'metrics'>, metric: string) => ranker.metrics[metric]!.value;
const rankerOf = (report: Report, name: string) => report.models.find((one) => one.name === name)!;
const stagesIn = (folder: string, mostCacheMiB = 64) =>
  createStages({
    folder,
    jobKey: 'job-1',
    checkpointSeconds: 0,
    mostCacheMiB,
    logger: createLogger('test', 'silent'),
  });

/** Two imported teachers: each knows the right answers of one block, and tells the users of the other nonsense, less surely. */
async function halves() {
  const artifacts = memoryArtifacts();
  const known = new Map<string, StoredExternalTeacher>();
  for (const [block, name] of ['first-half', 'second-half'].entries()) {
    const collector = createScoreCollector();
    for (let user = 0; user < USERS; user++) {
      const own = Math.floor(user / USERS_PER_BLOCK);
      const right = Array.from(withheld.indices.subarray(withheld.indptr[user], withheld.indptr[user + 1]));
      const wrong = (ITEMS / 2) * (1 - own) + (user % 12);
      const told = own === block ? right : [wrong];
      told.forEach(
        (item, i) => void collector.add({ userId: userId(user), itemId: itemId(item), score: 9 - i }),
      );
    }
    const { files, sha256, bytes } = packScoreLists(collector.lists());
    const artifact = `teachers/${name}/job-0`;
    await artifacts.putFolder(artifact, files);
    known.set(name, { name, jobId: 'job-0', artifact, sha256, bytes } as StoredExternalTeacher);
  }
  const externalTeachers = { get: async (name: string) => known.get(name) ?? null };
  return { artifacts, store: { ...storeOf(blockRows()), externalTeachers } };
}

describe('two teachers that each know half', () => {
  it('teach a student that knows both', async () => {
    const { artifacts, store } = await halves();
    const members: MemberSpec[] = ['first-half', 'second-half'].map((name) => ({ kind: 'external', name }));
    const spec: DistillationSpec = {
      ...ensemble(members, { combine: 'rank-fusion' }),
      student: { kind: 'fold-in', dimensions: 8 },
      distillation: {
        epochs: 30,
        batchSize: 8,
        seed: 7,
        losses: [{ kind: 'rankLabels', top: 4, temperature: 3 }],
      },
    };
    const { report } = await run(spec, blockRows(), { store }, artifacts);
    const [first, second] = report.ensemble!.members;
    for (const member of [first!, second!]) {
      expect(value(member, 'recall@3')).toBeCloseTo(0.5);
      expect(member).toMatchObject({ kind: 'external', share: 0.5, coverage: { usersWithList: USERS } });
      expect(member.lossWithoutIt).not.toBeNull();
    }
    expect(value(rankerOf(report, 'teacher'), 'recall@5')).toBe(1);
    expect(value(rankerOf(report, 'student'), 'recall@5')).toBeGreaterThan(0.9);
    expect(report.ensemble).toMatchObject({ combine: 'rank-fusion', weights: 'given' });
    expect(Compile(Report).Check(report)).toBe(true);
  });

  it('are refused where one of them was never imported, or has none of the items', async () => {
    const { artifacts, store } = await halves();
    const start = (members: MemberSpec[]) => run(ensemble(members), blockRows(), { store }, artifacts);
    await expect(start([EASE, { kind: 'external', name: 'nobody' }])).rejects.toMatchObject({
      code: 'invalid-job',
      detail: expect.stringMatching(/there is no external teacher nobody/),
    });
    const others = createScoreCollector();
    for (let user = 0; user < USERS; user++) others.add({ userId: userId(user), itemId: 'book/1', score: 1 });
    const { files, sha256, bytes } = packScoreLists(others.lists());
    await artifacts.putFolder('teachers/books/job-0', files);
    const books = { name: 'books', jobId: 'job-0', artifact: 'teachers/books/job-0', sha256, bytes };
    const disjoint = { ...store, externalTeachers: { get: async () => books as StoredExternalTeacher } };
    const job = run(
      ensemble([EASE, { kind: 'external', name: 'books' }]),
      blockRows(),
      { store: disjoint },
      artifacts,
    );
    await expect(job).rejects.toMatchObject({
      code: 'invalid-job',
      detail: expect.stringMatching(/teacher books covers 0 of the/),
    });
  });
});

describe('an ensemble of trained teachers', () => {
  it('has weights from validation, is stored with the version, and can be refitted', async () => {
    const spec = ensemble([EASE, SOFTMAX, { kind: 'popularity' }], { weights: 'validation' });
    const { report, artifacts } = await run({ ...spec, evaluation: { k: [3], refit: true } });
    const { members, weights, validation } = report.ensemble!;
    expect(weights).toBe('validation');
    expect(validation!['ndcg@10']).toBeGreaterThan(0);
    expect(members.map(({ kind }) => kind)).toEqual(['ease', 'softmax', 'popularity']);
    expect(members.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
    expect(members[2]!.share).toBeLessThan(0.2);
    const stored = JSON.parse(artifacts.files.get('models/blocks/job-1/teacher/manifest.json')!.toString());
    expect(stored).toMatchObject({ kind: 'ensemble', settings: { combine: 'average' } });
    expect(stored.settings.weights).toEqual(members.map(({ share }) => share));
  });

  it('cannot have weights from validation without a validation part', async () => {
    const spec = ensemble([EASE, SOFTMAX], { weights: 'validation' });
    const newest = Date.UTC(2026, 0, 1) + 1000 * 3_600_000;
    const rows = blockRows().map((row) => ({ ...row, type: row.timestamp! >= newest ? 'late' : 'early' }));
    const dataset = { split: { strategy: 'types', test: 'late', validationFraction: 0 } } as const;
    await expect(run({ ...spec, dataset }, rows)).rejects.toMatchObject({
      code: 'invalid-job',
      detail: expect.stringMatching(/teacher\.weights validation has nothing to choose by/),
    });
  });

  it('trains no member that another job has trained, and draws other numbers for a second one alike', async () => {
    const folder = await temporaryFolder();
    await run(SPEC, blockRows(), { stages: stagesIn(folder) });
    const before = readdirSync(path.join(folder, 'teachers')).filter((name) => name.endsWith('.teacher'));
    const spec = ensemble([SOFTMAX, SOFTMAX]);
    const { report, progress } = await run(spec, blockRows(), { stages: stagesIn(folder) });
    const after = readdirSync(path.join(folder, 'teachers')).filter((name) => name.endsWith('.teacher'));
    // The second one, and the ensemble of both when it has learned the validation pairs.
    expect(after.length).toBe(before.length + 2);
    const trained = progress.filter(({ stage, model }) => stage === 'teacher' && model === '1 of 2');
    expect(trained.length).toBe(0);
    const [first, second] = report.ensemble!.members;
    expect(first!.agreement).not.toEqual(second!.agreement);
  });
});

describe('a curriculum', () => {
  const spec = ensemble([EASE, SOFTMAX], { combine: 'curriculum' });
  const longer = { ...spec, distillation: { ...SPEC.distillation!, epochs: 10 } };

  it('goes from what the members knew early to what they know, and the student keeps that', async () => {
    const { report } = await run(longer, blockRows(), { stages: stagesIn(await temporaryFolder()) });
    const { stops, moves } = report.ensemble!.curriculum!;
    expect(stops[0]).toEqual([1]);
    expect(stops[1]!.slice(0, -1)).toEqual([2, 3, 6].slice(0, stops[1]!.length - 1));
    expect(moves.at(-1)).toEqual({ epoch: 6, reached: [1, 1] });
    expect(moves[0]!.reached[1]).toBeLessThan(1);
    expect(value(rankerOf(report, 'student'), 'recall@5')).toBeGreaterThan(0.7);
    expect(Compile(Report).Check(report)).toBe(true);
  });

  it.each([
    ['teacher', 8],
    ['distillation', 4],
  ])('goes on with its %s after it was ended, with the same bytes in the end', async (stage, epoch) => {
    const whole = await run(longer, blockRows(), { stages: stagesIn(await temporaryFolder()) });
    const folder = await temporaryFolder();
    const stop = new AbortController();
    const ended = run(longer, blockRows(), {
      stages: stagesIn(folder),
      signal: stop.signal,
      onProgress: (p) => {
        if (p.stage === stage && p.epoch === epoch) stop.abort();
      },
    });
    await expect(ended).rejects.toMatchObject({ code: 'cancelled' });
    expect(existsSync(path.join(folder, 'jobs/job-1'))).toBe(true);
    const again = await run(longer, blockRows(), { stages: stagesIn(folder) });
    expect(again.weights).toEqual(whole.weights);
    expect(again.report.ensemble!.curriculum).toEqual(whole.report.ensemble!.curriculum);
    const first = Math.min(...again.progress.flatMap((p) => (p.stage === stage ? (p.epoch ?? []) : [])));
    expect(first).toBeGreaterThan(1);
  });

  it('is refitted on all data', async () => {
    const { weights } = await run({ ...longer, evaluation: { k: [3], refit: true } }, blockRows(), {
      stages: stagesIn(await temporaryFolder()),
    });
    expect(weights.length).toBeGreaterThan(0);
  });
});
