import { beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import type { DistillationSpec } from '../../src/domain/jobs/distillation-spec.ts';
import type { Report } from '../../src/domain/reports/report.ts';
import { blockRows, type Row } from '../helpers/data.ts';
import { RATING_SPEC, ratedRows } from '../helpers/rated.ts';
import { replacing } from './replacing.ts';
import { memoryArtifacts, run, SPEC } from './run-job.ts';

type Run = Awaited<ReturnType<typeof run>>;

const ROWS = blockRows();
const JOB: DistillationSpec = {
  ...SPEC,
  teacher: { kind: 'ease', lambda: 10 },
  distillation: { epochs: 2, batchSize: 8, seed: 7 },
};

const rowOf = ({ models }: Report, name: string) => models.find((one) => one.name === name);
const notCompared = ({ warned }: Run) => warned.filter((one) => one.startsWith('There is no comparison'));

/** Everybody takes one more item of the own block, after all others. */
function since(rows: readonly Row[], item: (user: string) => string): Row[] {
  const users = [...new Set(rows.map(({ user }) => user))];
  const last = Math.max(...rows.map(({ timestamp }) => timestamp ?? 0));
  return users.map((user) => ({ user, item: item(user), timestamp: last + 1000 }));
}

describe('the live version in the report', () => {
  let tested: Run;
  let refitted: Run;
  beforeAll(async () => {
    tested = await run(JOB, ROWS);
    refitted = await run({ ...JOB, evaluation: { ...JOB.evaluation, refit: true } }, ROWS);
  });

  it('is absent, without a warning, for the first version of a model', () => {
    expect(rowOf(tested.report, 'live')).toBeUndefined();
    expect(tested.report.comparison).not.toHaveProperty('gainOverLive');
    expect(notCompared(tested)).toEqual([]);
  });

  it('is as good as the same student over the whole test, where it has learned from none of it', async () => {
    const { report, version } = await replacing(tested, JOB, ROWS);
    const [live, student] = [rowOf(report, 'live')!, rowOf(report, 'student')!];
    expect(live).toMatchObject({ role: 'live', version: 3, over: { users: report.data.testUsers } });
    expect(live.metrics['ndcg@5']!.value).toBe(student.metrics['ndcg@5']!.value);
    expect(live.over!.student['ndcg@5']!.value).toBe(student.metrics['ndcg@5']!.value);
    expect(live.calibratedLoss).toBeCloseTo(student.calibratedLoss!, 10);
    expect(report.comparison.gainOverLive!['ndcg@5']).toEqual({ value: 0, low: 0, high: 0 });
    expect(report.verdict.findings.find(({ about }) => about === 'live')).toMatchObject({
      result: 'equal',
      text: expect.stringMatching(
        /^The student is equal to version 3, which is live now: .* not learned from\.$/,
      ),
    });
    expect(live.description).toMatch(/; over \d+ users with \d+ test pairs that it has not learned from$/);
    expect(version.gate).toMatchObject({
      comparedWith: 3,
      foundUnder: 'stable',
      rules: [{ rule: 'live', passed: true, value: 0 }, { rule: 'baseline' }, { rule: 'control' }],
    });
    // Figures over another part of the test do not stand beside the others in the registry.
    expect(version.summary.metrics).not.toHaveProperty('live');
  });

  it('keeps its place on a bad day, when users and items have come apart', async () => {
    const items = createRng(5).shuffle(ROWS.map(({ item }) => item));
    const shuffled = ROWS.map((row, i) => ({ ...row, item: items[i]! }));
    const { version } = await replacing(tested, JOB, shuffled);
    const refused = version.gate!.rules.filter(({ passed }) => !passed);
    expect(refused.length).toBeGreaterThan(0);
    for (const { text } of refused) expect(text).toMatch(/not passed/);
  });

  it('is not compared where it has learned from the whole test, which stays whole for the others', async () => {
    const job = await replacing(refitted, JOB, ROWS);
    expect(rowOf(job.report, 'live')).toBeUndefined();
    expect(job.report.live).toMatchObject({ version: 3, notCompared: [{ kind: 'too-little-data' }] });
    expect(job.version.gate!.rules[0]).toMatchObject({ rule: 'live', passed: true, decided: 'nothing' });
    expect(job.report.data.test).toBe(tested.report.data.test);
    expect(notCompared(job)).toEqual([
      'There is no comparison with version 3 of blocks, which is live: it has learned from everything in the test, so that nothing fair can be said',
    ]);
  });

  it('is compared on what came since it was refitted, and the others on all', async () => {
    const fresh = since(ROWS, () => 'new');
    const { report } = await replacing(refitted, JOB, [...ROWS, ...fresh]);
    const live = rowOf(report, 'live')!;
    const users = new Set(fresh.map(({ user }) => user)).size;
    expect(report.data.test).toBeGreaterThan(live.over!.pairs);
    expect(live.over!.pairs).toBeLessThanOrEqual(users);
    expect(live.over!.users).toBe(live.over!.pairs);
    // It does not know the new item, which is all that is asked for.
    expect(live.description).toContain('; 1 items that it does not know come last;');
    expect(live.metrics['recall@5']!.value).toBe(0);
    expect(report.comparison.gainOverLive!['recall@5']!.value).toBe(live.over!.student['recall@5']!.value);
    expect(live.segments.filter(({ segment }) => /old|new/.test(segment))).toMatchObject([
      { segment: 'items:new', count: live.over!.users },
    ]);
  });

  it('stands in the tables once where it teaches, and the verdict says so', async () => {
    const { report } = await replacing(
      tested,
      { ...JOB, teacher: { model: 'blocks', part: 'student' } },
      ROWS,
    );
    expect(rowOf(report, 'live')).toBeUndefined();
    expect(rowOf(report, 'previous')).toMatchObject({ role: 'previous', version: 3, isLive: true });
    expect(report.verdict.text).toContain('version 3, which taught it and is live now');
  });

  it.each([
    ['its own alias', ['next'], true],
    ['stable, where its own has none', ['stable'], true],
    ['no other alias', ['other'], false],
  ])('is the version under %s', async (_, aliases, found) => {
    const { report } = await replacing(tested, { ...JOB, publish: { alias: 'next' } }, ROWS, { aliases });
    expect(rowOf(report, 'live') !== undefined).toBe(found);
  });

  it('reads as much of a history as it does in service, and the row says so', async () => {
    const short = await run(
      { ...JOB, student: { ...JOB.student, maxHistory: 2 } as typeof JOB.student },
      ROWS,
    );
    const { report } = await replacing(
      short,
      { ...JOB, dataset: { ...JOB.dataset, types: { click: {} } } },
      ROWS,
    );
    expect(rowOf(report, 'live')!.description).toMatch(
      /; reads the newest 2 of a history; made for other weights of interactions, asked here with those of this job;/,
    );
    expect(rowOf(report, 'live')!.metrics['ndcg@5']).toEqual(
      rowOf(short.report, 'student')!.metrics['ndcg@5'],
    );
  });

  it('is told apart where nobody knows what it learned from, and is no reason to fail where it is damaged', async () => {
    const without = (end: string, cut?: Buffer) => {
      const files = new Map(tested.artifacts.files);
      const [name] = [...files.keys()].filter((one) => one.endsWith(end));
      if (cut) files.set(name!, cut);
      else files.delete(name!);
      return { ...tested, artifacts: memoryArtifacts(files) };
    };
    const old = await replacing(without('learned.bin'), JOB, ROWS);
    expect(rowOf(old.report, 'live')).toBeDefined();
    expect(old.warned).toContain(
      'Nobody knows all that version 3 of blocks, which is live, learned from: where test pairs are among it, its figures are too good',
    );
    const damaged = await replacing(without('weights.safetensors', Buffer.from('no weights')), JOB, ROWS);
    expect(rowOf(damaged.report, 'live')).toBeUndefined();
    expect(notCompared(damaged)).toEqual([expect.stringMatching(/^There is no .*: .*weights\.safetensors/)]);
  });

  it('of another task is not compared', async () => {
    const ratings = await run({ ...RATING_SPEC, model: 'blocks', distillation: { epochs: 1 } }, ratedRows());
    expect(notCompared(await replacing(ratings, JOB, ROWS))).toEqual([
      'There is no comparison with version 3 of blocks, which is live: it predicts ratings, and this job ranks items',
    ]);
  });
});
