import { Compile } from 'typebox/compile';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadStudent } from '../../src/artifact/student/load.ts';
import type { DistillationSpec } from '../../src/domain/jobs/distillation-spec.ts';
import { Report } from '../../src/domain/reports/report.ts';
import { createStudentScorer } from '../../src/scoring/student-scorer.ts';
import { blockOfItem, blockRows, type Row } from '../helpers/data.ts';
import { memoryArtifacts, run, SPEC, storeOf } from './run-job.ts';

type Run = Awaited<ReturnType<typeof run>>;

/** Interactions of half of the first block's users since then: an item that nobody had before. */
const NEW = 'item/000';
const LATER = Date.UTC(2026, 3, 1);
/** The blocks without what each user took last. */
function early(): Row[] {
  const newest = new Map<string, number>();
  for (const { user, timestamp = 0 } of blockRows())
    newest.set(user, Math.max(timestamp, newest.get(user) ?? 0));
  return blockRows().filter(({ user, timestamp }) => timestamp !== newest.get(user));
}
const later = (): Row[] => [
  ...blockRows(),
  ...[0, 1, 2, 3, 4, 5, 6].map((user) => ({ user: `user 0${user}`, item: NEW, timestamp: LATER })),
];

/** A job that goes on from an earlier one's version, number 1. */
function next(before: Run, spec: Partial<DistillationSpec> = {}, rows = later()) {
  const artifact = 'models/before';
  const version = { ...before.version, artifact, version: 1, createdAt: '', aliases: ['stable'] };
  const files = [...before.artifacts.files].map(([name, bytes]): [string, Buffer] => [
    name.replace(before.version.artifact, artifact),
    bytes,
  ]);
  const models = {
    names: async () => ['blocks'],
    versions: async (name: string) => (name === 'blocks' ? [version] : []),
  };
  return run(
    { model: 'blocks', dataset: SPEC.dataset!, teacher: { model: 'blocks', part: 'renewed' }, ...spec },
    rows,
    { store: { ...storeOf(rows), models } },
    memoryArtifacts(files),
  );
}

const renewedOf = ({ report }: Run) => report.settings.renewed as Record<string, unknown>;

describe('a job that renews the version before', () => {
  let first: Run;
  let renewed: Run;
  beforeAll(async () => {
    first = await run(
      { ...SPEC, teacher: { kind: 'ease', lambda: 3 }, evaluation: { refit: true, k: [3] } },
      early(),
    );
    renewed = await next(first, { evaluation: { refit: true, k: [3] } });
  });

  it('takes over what the version had chosen, says so, and trains no controls', () => {
    const { settings, models, transfer } = renewed.report;
    expect(settings.chosenTeacher).toMatchObject({ kind: 'ease', lambda: [3] });
    expect(settings.student).toMatchObject({ dimensions: 4 });
    expect(renewedOf(renewed)).toMatchObject({
      from: { model: 'blocks', version: 1 },
      takenOver: true,
      searched: { way: null, pairs: first.report.data.interactions },
      studentStartsFrom: 'the published student',
      controls: 'not trained again: those of the report of version 1 or of the one that it renewed',
    });
    expect(models.map(({ name }) => name)).toEqual([
      'teacher',
      'student',
      'student-float32',
      'previous',
      'popularity',
    ]);
    expect(transfer!.from).toEqual({ model: 'blocks', version: 1, part: 'renewed' });
    expect(Compile(Report).Errors(renewed.report)).toEqual([]);
  });

  it('recommends an item that came since to those who are like its users', async () => {
    const { weights, items } = await loadStudent(renewed.artifacts, renewed.version.artifact);
    const scorer = createStudentScorer(weights);
    const row = (id: string) => items.indexOf(id);
    const ofBlock = (block: number) =>
      items.filter((id) => id !== NEW && blockOfItem(Number(id.slice(5))) === block).slice(0, 4);
    const placeFor = (block: number) => {
      const history = ofBlock(block).map(row);
      const { rows } = scorer.recommend(
        history,
        history.map(() => 1),
        items.length - 4,
        history,
      );
      return rows.indexOf(row(NEW));
    };
    expect(placeFor(0)).toBeLessThan(8);
    expect(placeFor(1)).toBeGreaterThan(placeFor(0));
  });

  it('starts anew where it asks for a student of another shape, with a warning', async () => {
    const job = await next(first, { student: { kind: 'fold-in', dimensions: 3 } });
    expect(job.report.settings.student).toMatchObject({ dimensions: 3 });
    expect(renewedOf(job).studentStartsFrom).toBe('anew');
    expect(job.warned.join()).toMatch(
      /starts anew and not from that of version 1: the job has student.dimensions 3, the published one 4/,
    );
  });

  it('can be renewed itself', async () => {
    const again = await next(renewed, {}, [
      ...later(),
      ...Array.from({ length: 12 }, (_, user) => ({
        user: `user ${user + 12}`,
        item: 'item/001',
        timestamp: LATER + 2,
      })),
    ]);
    expect(renewedOf(again).takenOver).toBe(true);
  });

  it('is refused without a version, and for a teacher that its job did not train', async () => {
    await expect(next(first, { teacher: { model: 'films', part: 'renewed' } })).rejects.toMatchObject({
      code: 'invalid-job',
      detail: expect.stringContaining('there is no model films'),
    });
    const taught = await next(first, { teacher: { model: 'blocks' }, distillation: { epochs: 1 } });
    await expect(next(taught)).rejects.toMatchObject({
      code: 'invalid-job',
      detail: expect.stringMatching(
        /teacher of version 1 of blocks is remapped, which its job did not train/,
      ),
    });
  });
});

describe('a version whose choices are out of date', () => {
  it('is searched for again where the data has grown by half since, with a warning', async () => {
    const small = await run(
      SPEC,
      early().filter(({ user }) => Number(user.slice(5)) % 2 === 0),
    );
    const job = await next(small, { teacher: { model: 'blocks', part: 'renewed' } });
    expect(job.warned.join()).toMatch(
      /chosen on \d+ pairs, less than two thirds of today's: teacher and student/,
    );
    expect(renewedOf(job)).toMatchObject({ takenOver: false, studentStartsFrom: 'anew' });
    expect(job.report.settings.chosenTeacher).not.toMatchObject({ kind: 'softmax', hidden: [32] });
    expect(job.report.models.map(({ name }) => name)).toContain('best-alone');
  });
});

describe('a version whose teacher is no good any more', () => {
  it('is searched for again as a whole, with a warning', async () => {
    const weak = await run({
      ...SPEC,
      teacher: { kind: 'popularity' },
      distillation: { ...SPEC.distillation, epochs: 20, losses: [{ kind: 'hardLabels' }] },
    });
    const job = await next(weak, { evaluation: { k: [3] } }, blockRows());
    expect(job.warned.join()).toMatch(/more than 5 % better: teacher and student were searched for again/);
    expect(renewedOf(job)).toMatchObject({ takenOver: false, validation: { searchedAgain: true } });
    expect(job.report.settings.chosenTeacher).not.toMatchObject({ kind: 'popularity' });
    expect(job.report.models.map(({ name }) => name)).toContain('student-alone');
  });
});
